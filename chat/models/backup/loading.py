"""Load a backup into an empty database. An interrupted load continues where it ended.

The record `restore` in `meta` says which backup is being loaded, and how many of its parts are
stored. While that record exists, the chat does not start.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from bson.errors import BSONError
from pymongo import ReplaceOne
from pymongo.database import Database as MongoDatabase
from pymongo.errors import BulkWriteError

from chat.models.backup.checking import readable
from chat.models.backup.parts import (
    ABOUT,
    HALVES,
    MANIFEST,
    SECRETS,
    About,
    Part,
    records_in,
)
from chat.models.database import Record, database, restore_mark
from chat.models.database.indexes import create_indexes
from chat.utils import private_files
from chat.utils.archive import ArchiveReader, ArchiveUnusable, Opening
from chat.utils.chunks import chunks_of

AT_ONCE = 500  # records in one insert
DUPLICATE = 11000  # MongoDB's error code


@dataclass
class Loaded:
    """How far a load is. `skipped`: records that contradict others, as `collection id`."""

    about: About | None = None
    parts: int = 0
    records: int = 0
    is_whole: bool = False
    skipped: list[str] = field(default_factory=list)


def peek(path: Path, opening: Opening) -> tuple[About, dict[str, str]]:
    """Return what an archive is, and the secrets in it, if there are any.

    Raises OSError, ArchiveUnusable, SealingUnusable.
    """
    with ArchiveReader.reading(path, opening) as archive:
        members = archive.members()
        name, content = next(members, ("", b""))
        if name != ABOUT:
            raise ArchiveUnusable(f"{path} is no backup of the chat.")
        about = readable(path, content)
        found: dict[str, str] = orjson.loads(next(members)[1]) if about.has_secrets else {}
        return about, found


def load(path: Path, opening: Opening, halves_file: Path | None) -> Iterator[Loaded]:
    """Load a backup, which was checked, into the database. Yield the progress after each part.

    `halves_file`: where the file of halves is to be written, if the backup has it; None to leave
    one that is there. Raises OSError, ArchiveUnusable, SealingUnusable, DatabaseError.
    """
    with ArchiveReader.reading(path, opening) as archive:
        yield from _Loading(path, halves_file).run(archive)


class _Loading:
    def __init__(self, path: Path, halves_file: Path | None):
        self._path = path
        self._halves_file = halves_file
        self._loaded = Loaded()
        self._stored = 0  # parts that an earlier try stored

    def run(self, archive: ArchiveReader) -> Iterator[Loaded]:
        for name, content in archive.members():
            if name == ABOUT:
                self._loaded.about = readable(self._path, content)
                self._stored = restore_mark.begin(_mongo(), self._loaded.about.id)
                create_indexes(_mongo())
            elif name == MANIFEST:
                self._finish()
            elif name != SECRETS:
                self._take(name, content)
            yield self._loaded
        if not self._loaded.is_whole:
            raise ArchiveUnusable(f"{self._path} has no end: the backup was interrupted.")

    def _take(self, name: str, content: bytes) -> None:
        if name.startswith(f"{HALVES}/"):
            if self._halves_file:
                is_first = name == f"{HALVES}/000000"
                _append(_beside(self._halves_file), content, is_first=is_first)
            return
        part = Part.named(name)
        if part is None or part.number <= self._stored:
            return
        try:
            records = records_in(content)
        except BSONError as error:
            raise ArchiveUnusable(f"{self._path}: part {name} is damaged.") from error
        for some in chunks_of(records, AT_ONCE):
            if part.replaces:
                _replace(part.collection, some)
            else:
                self._insert(part.collection, some)
        self._loaded.parts += 1
        self._loaded.records += len(records)
        restore_mark.move_on(_mongo(), part.number)

    def _insert(self, collection: str, records: list[Record]) -> None:
        try:
            database[collection].insert_many(records, ordered=False)
        except BulkWriteError as error:
            refused = [each for each in error.details["writeErrors"] if each["code"] == DUPLICATE]
            if len(refused) < len(error.details["writeErrors"]):
                raise
            ids = [records[each["index"]]["_id"] for each in refused]
            # An earlier try inserted those that are there. The others contradict a record that
            # was changed while the backup copied.
            there = {record["_id"] for record in database.find_by_ids(collection, ids, "_id")}
            missing = [record_id for record_id in ids if record_id not in there]
            self._loaded.skipped += [f"{collection} {record_id}" for record_id in missing]

    def _finish(self) -> None:
        if self._halves_file and (beside := _beside(self._halves_file)).exists():
            beside.replace(self._halves_file)
            private_files.sync_folder(self._halves_file.parent)
        restore_mark.note_loaded(_mongo())
        self._loaded.is_whole = True


def finish() -> None:
    """Note that the restore has ended, so that the chat may start."""
    restore_mark.end(_mongo())


def _replace(collection: str, records: list[Record]) -> None:
    database[collection].bulk_write(
        [ReplaceOne({"_id": record["_id"]}, record, upsert=True) for record in records],
        ordered=False,
    )


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.restored")


def _append(path: Path, content: bytes, *, is_first: bool) -> None:
    mode = os.O_TRUNC if is_first else os.O_APPEND
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | mode, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _mongo() -> MongoDatabase[Record]:
    return database["meta"].database
