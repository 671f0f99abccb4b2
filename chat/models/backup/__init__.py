"""Backup: copy all data of a running chat into one archive, check it, and load it again.

`taking` writes an archive, `checking` reads one without a database, `loading` fills an empty
database from one. `contents` says what a backup contains, and what not. `room_copy` copies one
room: a log up to one entry, and what belongs to it. `parts` joins records to members of the
archive. docs/decisions/0054 says why a backup of a running chat is consistent.
"""

from __future__ import annotations
