"""Records of the search index: the sealed lists and tables of its blocks, in `postings`.

Every record is padded to a multiple of 4 kB and sealed under the room's key. A copy of the
database reveals roughly how many postings there are, but not even which of them are equal.

The records of a block share a half (`halves.py`). When somebody deletes a message, the indexer
seals all records of its block with another half and destroys the old one. So no older copy of
them reveals the message's words. Only the process with the lease writes them (`index_lease.py`).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import NamedTuple

from bson import Binary

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.halves import Destroyed, halves
from chat.models.key_ring import key_ring
from chat.utils.encryption import padded

STEP = 4096  # bytes; a record is padded to a multiple of it

_LENGTH = struct.Struct("<I")


class Replaced(Exception):
    """A record's half was destroyed, because a message of its block was deleted.

    The deletion happened during this read, or the record comes from a backup older than it.
    """

    def __init__(self, room_id: Id):
        super().__init__(str(room_id))
        self.room_id = room_id


class StoredRecords(NamedTuple):
    """The stored records of a block.

    `contents`: record id -> opened content. `halves`: the halves that seal these records. `before`:
    earlier halves that a crash may have left undestroyed.
    """

    contents: dict[str, bytes]
    halves: set[int]
    before: set[int]


def read(record_ids: Iterable[str]) -> dict[str, bytes]:
    """Return the opened records by id, as far as they exist. Raises Replaced, CannotOpen."""
    opened = {}
    for record in _stored(record_ids):
        try:
            opened[record["_id"]] = _opened(record)
        except Destroyed as error:
            raise Replaced(record["room_id"]) from error
    return opened


def read_to_write(record_ids: Iterable[str]) -> StoredRecords:
    """Return opened records and their halves, for the process with the lease. Raises CannotOpen."""
    found = StoredRecords({}, set(), set())
    for record in _stored(record_ids):
        found.contents[record["_id"]] = _opened(record)
        found.halves.add(record["half"])
        found.before.update(record["before"])
    return found


def delete(query: Record) -> None:
    """Delete records, and destroy the halves that sealed them."""
    records = list(database["postings"].find(query, {"half": 1, "before": 1}))
    halves.destroy({half for record in records for half in (record["half"], *record["before"])})
    database["postings"].delete_many(query)


def sealer(room_id: Id, half: int) -> Callable[[bytes, str], Binary]:
    """Return a function of (content, record id) that seals a room's records with a half."""
    seal = key_ring.of(room_id).with_half(half, f"{room_id}/index").data.seal
    return lambda content, record_id: Binary(seal(_framed(content), record_id))


def _stored(record_ids: Iterable[str]) -> Iterable[Record]:
    return database["postings"].find({"_id": {"$in": list(record_ids)}})


def _opened(record: Record) -> bytes:
    return _unframed(key_ring.of(record["room_id"]).open(record["sealed"], record["_id"]))


def _framed(content: bytes) -> bytes:
    return padded(_LENGTH.pack(len(content)) + content, STEP)


def _unframed(framed: bytes) -> bytes:
    return framed[_LENGTH.size : _LENGTH.size + _LENGTH.unpack_from(framed)[0]]
