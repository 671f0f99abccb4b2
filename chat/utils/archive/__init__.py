"""Archive: the one file of a backup, written and read as a stream.

It is a tar of members of about a megabyte, compressed by zstd, and sealed in the format of age if
somebody wants that. Other programs open it, too: docs/backups.md shows how.

`writer` writes an archive, `reader` reads one. `sealing` joins either to `age_worker.py`, a program
of its own that encrypts or decrypts the stream.
"""

from __future__ import annotations

from chat.utils.archive.errors import ArchiveUnusable, SealingUnusable
from chat.utils.archive.reader import ArchiveReader
from chat.utils.archive.sealing import Opening, Sealing
from chat.utils.archive.writer import ArchiveWriter

__all__ = [
    "ArchiveReader",
    "ArchiveUnusable",
    "ArchiveWriter",
    "Opening",
    "Sealing",
    "SealingUnusable",
]
