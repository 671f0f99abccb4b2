"""Check a backup: read its archive from beginning to end, without a database.

Each part must have its hash, each log every number up to the room's head, each picture all its
bytes. What is sealed stays sealed: `bin/chat verify` opens it, once it is restored.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bson.errors import BSONError

from chat.models.backup.parts import (
    ABOUT,
    FORMAT,
    MANIFEST,
    SECRETS,
    About,
    Manifest,
    Part,
    about_from,
    manifest_from,
    records_in,
)
from chat.models.database import Record
from chat.models.document import Id
from chat.models.log.folding import POSTED
from chat.utils.archive import ArchiveReader, ArchiveUnusable, Opening


@dataclass
class Checked:
    """What was found so far, and what is wrong with it.

    `halves`: how many the file of halves must have.
    """

    about: About | None = None
    rooms: int = 0
    entries: int = 0
    messages: int = 0
    pictures: int = 0
    halves: int = 0
    is_sealed: bool = False
    problems: list[str] = field(default_factory=list)


def check(path: Path, opening: Opening) -> Iterator[Checked]:
    """Check a backup. Yield the findings so far after each part.

    Raises OSError, ArchiveUnusable, SealingUnusable.
    """
    with ArchiveReader.reading(path, opening) as archive:
        yield from _Checking(path).run(archive)


class _Checking:
    def __init__(self, path: Path):
        self._path = path
        self._found = Checked()
        self._hashes: dict[str, str] = {}
        self._records: Counter[str] = Counter()
        self._last_seq: dict[Id, int] = {}
        self._rooms: set[Id] = set()
        self._missing_bytes: Counter[str] = Counter()  # file -> bytes that no segment had yet

    def run(self, archive: ArchiveReader) -> Iterator[Checked]:
        manifest: Manifest | None = None
        self._found.is_sealed = archive.is_sealed
        for name, content in archive.members():
            if name == ABOUT:
                self._found.about = readable(self._path, content)
            elif name == MANIFEST:
                manifest = manifest_from(content)
            elif name != SECRETS:
                self._hashes[name] = hashlib.sha256(content).hexdigest()
                if part := Part.named(name):
                    self._take(name, part, content)
            yield self._found
        if manifest is None:
            raise ArchiveUnusable(f"{self._path} has no end: the backup was interrupted.")
        self._found.rooms = len(self._rooms)
        self._found.problems += self._compare(manifest)
        yield self._found

    def _take(self, name: str, part: Part, content: bytes) -> None:
        try:
            records = records_in(content)
        except BSONError:
            self._found.problems.append(f"part {name} cannot be read")
            return
        if part.replaces:
            return
        self._records[part.collection] += len(records)
        for record in records:
            self._look_at(part.collection, record)

    def _look_at(self, collection: str, record: Record) -> None:
        if collection == "log":
            self._look_at_entry(record)
        elif collection == "rooms":
            self._rooms.add(record["_id"])
        elif collection == "images":
            self._found.pictures += 1
        elif collection == "meta" and record["_id"] == "halves":
            self._found.halves = int(record["count"])
        elif collection == "pictures.chunks":
            self._missing_bytes[record["files_id"]] -= len(record["data"])
        elif collection == "pictures.files":
            self._missing_bytes[record["_id"]] += record["length"]

    def _look_at_entry(self, entry: Record) -> None:
        room_id, seq = entry["room_id"], entry["seq"]
        before = self._last_seq.get(room_id, 0)
        if seq != before + 1:
            self._found.problems.append(f"room {room_id}: entry {before + 1} is missing")
        self._last_seq[room_id] = seq
        self._found.entries += 1
        self._found.messages += entry["event"] == POSTED

    def _compare(self, manifest: Manifest) -> Iterator[str]:
        for name in sorted(manifest.parts.keys() | self._hashes.keys()):
            if manifest.parts.get(name) != self._hashes.get(name):
                yield f"part {name} is not what the backup wrote"
        for collection, count in manifest.records.items():
            if self._records[collection] != count:
                yield f"{collection}: {self._records[collection]} records, but {count} were written"
        for room_id in sorted(self._rooms):
            head, last = manifest.heads.get(str(room_id)), self._last_seq.get(room_id, 0)
            if head != last:
                yield f"room {room_id}: its last entry is {last}, but {head} was written"
        for file_id, missing in sorted(self._missing_bytes.items()):
            if missing:
                yield f"picture file {file_id}: {missing} bytes are missing"


def readable(path: Path, content: bytes) -> About:
    """Return what an archive is, by its first member. Raises ArchiveUnusable."""
    about = about_from(content)
    if about is None:
        raise ArchiveUnusable(f"{path} is no backup of the chat.")
    if about.format > FORMAT:
        raise ArchiveUnusable(
            f"{path} was written by a newer program ({about.version}); restore it with that one."
        )
    return about
