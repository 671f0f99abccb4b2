"""The search index of a room: which messages contain which tokens, in blocks by ordinal.

The newest messages lie in leaves of 100, with one posting record each. A thousand messages become
a segment, whose tokens are spread over buckets, so that a query reads one small record of it.
Every record is padded to a multiple of 4 kB and sealed under the room's key. A copy of the
database reveals roughly how many postings there are, but not even which of them are equal.

The records of a block share a half (`halves.py`). When somebody deletes a message, the indexer
seals all records of its block anew with another half and destroys the old one. So no older copy of
them reveals the message's words.

One process at a time writes a room's index: it has a claim, which expires. Claims are numbered, and
every record contains the number of the claim that it was written under. So a process that slept
until its claim expired cannot overwrite the work of the next one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from bson import Binary, Int64
from pymongo import ReplaceOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.halves import Destroyed, halves
from chat.models.key_ring import key_ring
from chat.utils.clock import now
from chat.utils.encryption import padded

LEAF, SEGMENT = 100, 1_000  # messages
BUCKETS = 32  # of a segment
CLAIM = timedelta(seconds=30)
FREE = datetime(2000, 1, 1, tzinfo=UTC)  # the end of a claim that no process has

STEP = 4096  # bytes; a record is padded to a multiple of it

_LENGTH = struct.Struct("<I")
_ROW = struct.Struct("<12sq")  # a message's id, and when it was posted, in milliseconds
_NOBODY = bytes(12)
_BLOCK = struct.Struct("<qqqq")  # first, size, oldest, newest


class Superseded(Exception):
    """The claim has expired, and another process writes this index."""


class Replaced(Exception):
    """A record's half was destroyed, because a message of its block was deleted.

    The deletion happened during this read, or after the backup that the record was restored from.
    """

    def __init__(self, room_id: Id):
        super().__init__(str(room_id))
        self.room_id = room_id


class Kept(NamedTuple):
    """The stored records of a block.

    `contents`: its records by their ids. `halves`: those that seal them. `before`: earlier halves
    that a crash may have left undestroyed.
    """

    contents: dict[str, bytes]
    halves: set[int]
    before: set[int]


class Row(NamedTuple):
    """A message in a block's table."""

    posted_at: int  # milliseconds since 1970
    message_id: Id


@dataclass(frozen=True, order=True)
class Block:
    """`size` messages of a room, from the ordinal `first` on."""

    room_id: Id
    first: int
    size: int

    @classmethod
    def leaf_of(cls, room_id: Id, ordinal: int) -> Block:
        return cls(room_id, (ordinal - 1) // LEAF * LEAF + 1, LEAF)

    @classmethod
    def segment_of(cls, room_id: Id, ordinal: int) -> Block:
        return cls(room_id, (ordinal - 1) // SEGMENT * SEGMENT + 1, SEGMENT)

    @property
    def buckets(self) -> int:
        return BUCKETS if self.size == SEGMENT else 1

    def bucket_of(self, token: bytes) -> str:
        """Return the id of the record that contains a token's posting list."""
        return self.record_id(str(bucket_number(token, self.buckets)))

    def bucket_ids(self) -> list[str]:
        return [self.record_id(str(number)) for number in range(self.buckets)]

    @property
    def table_id(self) -> str:
        return self.record_id("table")

    def record_ids(self) -> list[str]:
        return [self.table_id, *self.bucket_ids()]

    def record_id(self, part: str) -> str:
        return f"{self.room_id}/{self.size}/{self.first}/{part}"


@dataclass(frozen=True)
class Times:
    """When the oldest and the newest message of a block were posted, in milliseconds."""

    oldest: int
    newest: int

    @classmethod
    def of(cls, table: Mapping[int, Row]) -> Times:
        moments = [row.posted_at for row in table.values()]
        return cls(min(moments), max(moments))


@dataclass(frozen=True)
class IndexState:
    """How far a room's log is indexed, and the blocks of the index."""

    room_id: Id
    seq: int = 0  # every entry up to it is indexed
    ordinal: int = 0  # every message up to it is in a block
    times: dict[Block, Times] = field(default_factory=dict)

    def block_of(self, ordinal: int) -> Block:
        """Return the block of a message, now or when it will be indexed.

        Messages after the last whole segment are in leaves.
        """
        segmented = self.ordinal // SEGMENT * SEGMENT
        return (
            Block.segment_of(self.room_id, ordinal)
            if ordinal <= segmented
            else Block.leaf_of(self.room_id, ordinal)
        )


@dataclass(frozen=True)
class Claim:
    """The right to write a room's index, until it ends."""

    number: int
    state: IndexState
    spent: tuple[str, ...]  # records that a segment replaced, and that may still be stored
    held: bool = True  # until it ends

    def write(self, records: Mapping[str, bytes], half: int, before: Iterable[int] = ()) -> None:
        """Write records by their ids, sealed with a half.

        `before`: the halves of the records that they replace. Raises Superseded.
        """
        room_id = self.state.room_id
        seal, earlier = (
            key_ring.of(room_id).with_half(half, f"{room_id}/index").data.seal,
            [Int64(each) for each in before],
        )
        writes = [
            ReplaceOne(
                {"_id": record_id, "claim": {"$lte": self.number}},
                {
                    "room_id": room_id,
                    "claim": self.number,
                    "half": Int64(half),
                    "before": earlier,
                    "sealed": Binary(seal(_framed(content), record_id)),
                },
                upsert=True,
            )
            for record_id, content in records.items()
        ]
        try:
            if writes:  # none when an earlier try wrote them
                database["postings"].bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            codes = {each["code"] for each in (error.details or {}).get("writeErrors", ())}
            if codes == {11000}:  # a duplicate key: the record was written under a later claim
                raise Superseded from error
            raise

    def keep(self, state: IndexState, spent: Iterable[str] = (), *, last: bool = False) -> Claim:
        """Store the state of the index, after its records are written.

        Prolong the claim, or end it with its `last` action unless records are spent.
        Raises Superseded.
        """
        kept = Claim(self.number, state, tuple(spent), held=not last or bool(spent))
        changes = {
            "seq": state.seq,
            "ordinal": state.ordinal,
            "blocks": _pack_blocks(state.times),
            "spent": list(kept.spent),
        }
        self._set({**changes, "claimed_until": now() + CLAIM if kept.held else FREE})
        return kept

    def clear(self) -> Claim:
        """Delete the spent records, and destroy the halves that sealed them. Raises Superseded."""
        if self.spent:
            _destroy_halves({"_id": {"$in": list(self.spent)}})
            database["postings"].delete_many({"_id": {"$in": list(self.spent)}})
            self._set({"spent": []})
        return replace(self, spent=())

    def release(self) -> None:
        """End the claim, if it has not ended."""
        if self.held:
            with suppress(Superseded):
                self._set({"claimed_until": FREE})

    def _set(self, changes: Record) -> None:
        query = {"_id": self.state.room_id, "claim": self.number}
        if not database["indexed_rooms"].update_one(query, {"$set": changes}).matched_count:
            raise Superseded


def bucket_number(token: bytes, buckets: int) -> int:
    return token[0] % buckets


def claim(room_id: Id) -> Claim | None:
    """Claim a room's index. Return None while another process has the claim."""
    record = _claimed(room_id)
    if record is None and database["indexed_rooms"].find_one({"_id": room_id}, {"_id": 1}) is None:
        fresh = {
            "_id": room_id,
            "claim": 0,
            "claimed_until": FREE,
            "seq": 0,
            "ordinal": 0,
            "blocks": Binary(b""),
            "spent": [],
        }
        with suppress(DuplicateKeyError):  # another process inserted it first
            database["indexed_rooms"].insert_one(fresh)
        record = _claimed(room_id)
    return Claim(record["claim"], _state_from(record), tuple(record["spent"])) if record else None


def _claimed(room_id: Id) -> Record | None:
    """Claim and return a room's record; None when another process has it, or it does not exist."""
    moment = now()
    # A claim may end more than two CLAIMs from now: the clock was set back since, or the clock of
    # its machine is half a minute ahead. Then two processes do the same work, and the claims'
    # numbers prevent the earlier one from overwriting the later one's records.
    ended = [{"claimed_until": {"$lte": moment}}, {"claimed_until": {"$gt": moment + 2 * CLAIM}}]
    record: Record | None = database["indexed_rooms"].find_one({"_id": room_id, "$or": ended})
    if record is None:
        return None
    # Every other change changes these fields too.
    as_read = {name: record[name] for name in ("_id", "claim", "claimed_until")}
    claimed = {"claim": record["claim"] + 1, "claimed_until": moment + CLAIM}
    changed = database["indexed_rooms"].update_one(as_read, {"$set": claimed})
    return record | claimed if changed.matched_count else None


def states_of(room_ids: Iterable[Id]) -> dict[Id, IndexState]:
    """Return the state of each room's index."""
    ids = list(room_ids)
    found = {
        record["_id"]: _state_from(record)
        for record in database["indexed_rooms"].find({"_id": {"$in": ids}})
    }
    return {room_id: found.get(room_id) or IndexState(room_id) for room_id in ids}


def read(record_ids: Iterable[str]) -> dict[str, bytes]:
    """Return opened records by their ids, without missing ones. Raises Replaced, CannotOpen."""
    opened = {}
    for record in database["postings"].find({"_id": {"$in": list(record_ids)}}):
        try:
            opened[record["_id"]] = _unframed(
                key_ring.of(record["room_id"]).open(record["sealed"], record["_id"])
            )
        except Destroyed as error:
            raise Replaced(record["room_id"]) from error
    return opened


def read_to_write(record_ids: Iterable[str]) -> Kept:
    """Return opened records and their halves, for the process with the claim. Raises CannotOpen."""
    kept = Kept({}, set(), set())
    for record in database["postings"].find({"_id": {"$in": list(record_ids)}}):
        kept.contents[record["_id"]] = _unframed(
            key_ring.of(record["room_id"]).open(record["sealed"], record["_id"])
        )
        kept.halves.add(record["half"])
        kept.before.update(record["before"])
    return kept


def drop(room_id: Id) -> None:
    """Delete a room's whole index; until it is rebuilt, a search scans the room.

    The record that counts the claims stays, with a higher number: a process that writes the index
    now cannot continue.
    """
    claim_none = {"seq": 0, "ordinal": 0, "blocks": Binary(b""), "spent": [], "claimed_until": FREE}
    database["indexed_rooms"].update_one(
        {"_id": room_id}, {"$inc": {"claim": 1}, "$set": claim_none}
    )
    _destroy_halves({"room_id": room_id})
    database["postings"].delete_many({"room_id": room_id})


def destroy(room_id: Id) -> None:
    """Delete everything of a deleted room's index."""
    database["postings"].delete_many({"room_id": room_id})
    database["indexed_rooms"].delete_one({"_id": room_id})


def _destroy_halves(query: Record) -> None:
    records = list(database["postings"].find(query, {"half": 1, "before": 1}))
    halves.destroy({half for record in records for half in (record["half"], *record["before"])})


def _framed(content: bytes) -> bytes:
    return padded(_LENGTH.pack(len(content)) + content, STEP)


def _unframed(framed: bytes) -> bytes:
    return framed[_LENGTH.size : _LENGTH.size + _LENGTH.unpack_from(framed)[0]]


def pack_table(table: Mapping[int, Row]) -> bytes:
    """Pack the rows of a block, by their places in it, with gaps where a damaged log has gaps."""
    rows = (table.get(place) for place in range(max(table) + 1))
    return b"".join(
        _ROW.pack(row.message_id.binary, row.posted_at) if row else _ROW.pack(_NOBODY, 0)
        for row in rows
    )


def rows_of(packed: bytes, places: Iterable[int] | None) -> Iterator[tuple[int, Row]]:
    """Yield some rows of a table with their places; all rows if `places` is None.

    Unpack only these, and skip places without a row.
    """
    count = len(packed) // _ROW.size
    for place in range(count) if places is None else places:
        if place < count:
            message_id, posted_at = _ROW.unpack_from(packed, place * _ROW.size)
            if message_id != _NOBODY:
                yield place, Row(posted_at, Id(message_id))


def unpack_table(packed: bytes) -> dict[int, Row]:
    return dict(rows_of(packed, None))


def _state_from(record: Record) -> IndexState:
    blocks = _BLOCK.iter_unpack(record["blocks"])
    times = {
        Block(record["_id"], first, size): Times(oldest, newest)
        for first, size, oldest, newest in blocks
    }
    return IndexState(record["_id"], record["seq"], record["ordinal"], times)


def _pack_blocks(times: Mapping[Block, Times]) -> Binary:
    return Binary(
        b"".join(
            _BLOCK.pack(block.first, block.size, its.oldest, its.newest)
            for block, its in times.items()
        )
    )
