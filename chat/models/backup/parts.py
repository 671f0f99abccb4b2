"""Parts: the members of a backup's archive, in this order; most have records of one collection.

backup.json        what the archive is: `About`
secrets.json       the keys, if somebody wanted them in it
000001/log         records as BSON, one after the other
000002/log/again   records that replace copies in earlier parts
halves/000000      a piece of the file of halves, if somebody wanted the keys
manifest.json      how many records of each collection, each member's hash, each room's head
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any

import bson
import orjson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from chat.models.database import Record
from chat.utils.archive import ArchiveWriter

FORMAT = 1
ABOUT = "backup.json"
SECRETS = "secrets.json"
MANIFEST = "manifest.json"
AGAIN = "again"
HALVES = "halves"
PART_BYTES = 2**20  # a part ends when it has so many

NAME = re.compile("[0-9a-f]{1,64}")

_options: CodecOptions[Record] = CodecOptions(tz_aware=True)


@dataclass(frozen=True)
class About:
    """What an archive is. `roots`: the ids (hex) of the SECRET_KEYs that open it.

    `jwt`: the id (hex) of the JWT_SECRET under which its sessions go on. `halves`: the name of the
    file of halves that it needs; empty with HALVES=database.
    """

    id: str
    format: int
    version: str
    schema: int
    began_at: str
    roots: list[str]
    jwt: str
    halves: str
    has_secrets: bool


@dataclass(frozen=True)
class Part:
    """A part of an archive as its name says. `replaces`: its records replace earlier copies."""

    number: int
    collection: str
    replaces: bool

    @classmethod
    def named(cls, name: str) -> Part | None:
        """Return the part with the name of a member; None if the member is none."""
        number, _, rest = name.partition("/")
        if not number.isdecimal() or not rest:
            return None
        collection, _, again = rest.partition("/")
        return cls(int(number), collection, again == AGAIN)


@dataclass
class Manifest:
    """The last member. `parts`: member -> its SHA-256; `heads`: room -> its last copied entry."""

    records: dict[str, int] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)
    ended_at: str = ""

    def as_json(self) -> bytes:
        return orjson.dumps(asdict(self))


class PartWriter:
    """Collects the records of each collection into parts, and appends them to an archive."""

    def __init__(self, archive: ArchiveWriter):
        self._archive = archive
        self._waiting: dict[str, bytearray] = defaultdict(bytearray)
        self._number = 0
        self.records: Counter[str] = Counter()
        self.hashes: dict[str, str] = {}

    @property
    def size(self) -> int:
        """Return how many bytes were appended, before compression."""
        return self._archive.size

    def add(self, collection: str, record: Record | RawBSONDocument) -> None:
        """Copy a record for the first time."""
        self.records[collection] += 1
        self._append(collection, record)

    def replace(self, collection: str, record: Record | RawBSONDocument) -> None:
        """Copy a record again, which replaces the copy before."""
        self._end(collection)  # so that the copy before is in an earlier part
        self._append(f"{collection}/{AGAIN}", record)

    def finish(self) -> None:
        """Append the parts that are not full."""
        for kind in list(self._waiting):
            self._end(kind)

    def member(self, name: str, content: bytes) -> None:
        """Append a member that has no records."""
        self.hashes[name] = hashlib.sha256(content).hexdigest()
        self._archive.add(name, content)

    def _append(self, kind: str, record: Record | RawBSONDocument) -> None:
        waiting = self._waiting[kind]
        waiting += record.raw if isinstance(record, RawBSONDocument) else bson.encode(record)
        if len(waiting) >= PART_BYTES:
            self._end(kind)

    def _end(self, kind: str) -> None:
        content = self._waiting.pop(kind, None)
        if content:
            self._number += 1
            self.member(f"{self._number:06}/{kind}", bytes(content))


def about_from(content: bytes) -> About | None:
    """Return what the first member says; None if another program wrote it."""
    try:
        about = About(**orjson.loads(content))
        # `halves` becomes a part of a file's name.
        is_ours = NAME.fullmatch(about.id) and (not about.halves or NAME.fullmatch(about.halves))
    except (ValueError, TypeError):
        return None
    return about if is_ours else None


def manifest_from(content: bytes) -> Manifest:
    """Return the last member. Raises ValueError."""
    found: dict[str, Any] = orjson.loads(content)
    return Manifest(**found)


def records_in(content: bytes) -> list[Record]:
    """Return the records of a part. Raises bson.errors.BSONError."""
    return list(bson.decode_iter(content, _options))
