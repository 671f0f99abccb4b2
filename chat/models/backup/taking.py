"""Take a backup: write all data of the chat into an archive, while people write."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from chat.models.audit import chain
from chat.models.backup.contents import APART, LAST, Copied, fitted
from chat.models.backup.parts import (
    ABOUT,
    FORMAT,
    HALVES,
    MANIFEST,
    SECRETS,
    About,
    Manifest,
    PartWriter,
)
from chat.models.backup.room_copy import PAGE, RoomCopy, copy_file
from chat.models.database import database
from chat.models.halves import collection, halves
from chat.models.key_ring import key_ring
from chat.models.migrations import SCHEMA_VERSION
from chat.models.room import Room
from chat.utils.archive import ArchiveWriter, Sealing
from chat.utils.chunks import chunks_of
from chat.utils.clock import now, rfc3339

REST = 2.0  # seconds of rest for each second that the database worked
LONGEST_REST = 0.5
HALVES_BYTES = 2**20  # of the file of halves, in one member


@dataclass
class Progress:
    """How far a backup is. `records` and `size` count what was copied, before compression."""

    rooms: int = 0
    of_rooms: int = 0
    records: int = 0
    size: int = 0


def take(
    path: Path, sealing: Sealing, version: str, jwt_id: str, keys: dict[str, str] | None
) -> Iterator[Progress]:
    """Write a backup to `path`. Yield the progress after each step.

    `version`: of this program. `jwt_id`: of its JWT_SECRET. `keys`: the secrets that the file is to
    have, with the halves; None to leave both out. Raises OSError, ArchiveUnusable, SealingUnusable,
    DatabaseError.
    """
    with ArchiveWriter.writing(path, sealing) as archive:
        yield from _Taking(archive, version, jwt_id, keys).run()


def is_of_this_chat(about: About) -> bool:
    """Return whether a backup is one of this chat: of its file of halves, or else of its keys."""
    if about.halves or _name_of_halves():
        return about.halves == _name_of_halves()
    return not key_ring.needed_roots().isdisjoint(map(bytes.fromhex, about.roots))


def _name_of_halves() -> str:
    """Return the name that the file of halves ends with; empty if they are in the database."""
    known = database["meta"].find_one({"_id": "halves"}) or {}
    name = str(known.get("name", ""))
    return "" if name == collection.NAME else name


class _Taking:
    def __init__(
        self, archive: ArchiveWriter, version: str, jwt_id: str, keys: dict[str, str] | None
    ):
        self._archive = archive
        self._jwt_id = jwt_id
        self._version = version
        self._keys = keys
        self._parts = PartWriter(archive)
        self._copied = Copied(now())
        self._progress = Progress()

    def run(self) -> Iterator[Progress]:
        for _step in self._steps():
            self._progress.records = self._parts.records.total()
            self._progress.size = self._parts.size
            yield self._progress

    def _steps(self) -> Iterator[None]:
        self._archive.add(ABOUT, orjson.dumps(asdict(self._about())))
        if self._keys is not None:
            self._archive.add(SECRETS, orjson.dumps(self._keys))
        yield from self._copy_rooms()
        yield from self._copy_avatars()
        yield from self._copy_audit()
        everything = database["meta"].database.list_collection_names()
        for name in (*sorted(set(everything) - APART), *LAST):
            yield from self._copy_whole(name)
        self._note_deleted_rooms()
        self._parts.finish()
        yield from self._copy_halves()
        self._archive.add(MANIFEST, self._manifest().as_json())

    def _about(self) -> About:
        return About(
            id=secrets.token_hex(8),
            format=FORMAT,
            version=self._version,
            schema=SCHEMA_VERSION,
            began_at=rfc3339(self._copied.began_at),
            roots=sorted(root.hex() for root in key_ring.needed_roots()),
            jwt=self._jwt_id,
            halves=_name_of_halves(),
            has_secrets=self._keys is not None,
        )

    def _copy_rooms(self) -> Iterator[None]:
        """Copy all rooms, also those that are made meanwhile."""
        while new := [each for each in Room.all_ids() if each not in self._copied.heads]:
            self._progress.of_rooms += len(new)
            for room_id in new:
                copy = RoomCopy(room_id, self._parts, self._rest)
                yield from copy.copy()
                self._copied.heads[room_id] = copy.cut
                self._progress.rooms += 1
                yield

    def _copy_avatars(self) -> Iterator[None]:
        for avatar in list(database["avatars"].find()):
            self._copied.avatars.add(avatar["_id"])
            self._parts.add("avatars", avatar)
            for size in avatar["lengths"]:
                yield from copy_file(f"{avatar['_id']}/{size}", self._parts, self._rest)

    def _copy_audit(self) -> Iterator[None]:
        self._copied.audit_seq, _hash = chain.newest()
        for first in range(1, self._copied.audit_seq + 1, PAGE):
            for entry in chain.between(first, min(first + PAGE, self._copied.audit_seq + 1)):
                self._parts.add("audit", entry)
            yield

    def _copy_whole(self, name: str) -> Iterator[None]:
        ids = [record["_id"] for record in database[name].find({}, {"_id": 1})]
        for some in chunks_of(ids, PAGE):
            began = time.monotonic()
            records = database.find_by_ids(name, some)
            self._rest(time.monotonic() - began)
            for record in records:
                if not self._copied.belongs(record):
                    continue
                if name == "users":
                    self._copied.people.add(record["_id"])
                if name != "keys" or self._copied.has_owner(record):
                    self._parts.add(name, fitted(name, record, self._copied))
            yield

    def _note_deleted_rooms(self) -> None:
        """Note the rooms that were deleted after their copy: a restore deletes them, too."""
        there = set(Room.all_ids())
        noted = {record["_id"] for record in database["graves"].find({}, {"_id": 1})}
        for room_id in self._copied.heads.keys() - there - noted:
            self._parts.add("graves", {"_id": room_id, "at": now()})

    def _copy_halves(self) -> Iterator[None]:
        """Copy the file of halves, last: what was deleted during the backup stays deleted."""
        if self._keys is None:
            return
        for number, content in enumerate(halves.copy(HALVES_BYTES)):
            self._parts.member(f"{HALVES}/{number:06}", content)
            yield

    def _manifest(self) -> Manifest:
        heads = {str(room_id): head for room_id, head in self._copied.heads.items()}
        return Manifest(dict(self._parts.records), self._parts.hashes, heads, rfc3339(now()))

    @staticmethod
    def _rest(seconds: float) -> None:
        """Rest, so that people who write meanwhile have the database most of the time."""
        time.sleep(min(LONGEST_REST, seconds * REST))
