"""Export: what people wrote, in files that people and other programs can read.

`taking` reads the rooms, one after another, and gives what it reads to a target. `room_reading`
reads one room, `own_reading` what one person wrote there; `account` is what else is kept about that
person. `form` says what each thing looks like in JSON (docs/export.md). The targets are
`json_target` (one document), `page_target` (one page) and `zip_target` (both for each room, with
the pictures). `page` fills the templates of the page.
"""

from __future__ import annotations
