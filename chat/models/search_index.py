"""The index of a room's messages: which tokens stand in which messages, in blocks of messages by ordinal.

The newest messages lie in leaves of 100, one record each; a thousand of them become a segment, whose tokens are spread
over buckets, so that a question reads one small record of a segment. Every record is sealed under the room's key, and filled
up to steps of 4 kB: a copy of the database tells how many postings there are, roughly, not even which of them are equal.

The records of a block have a half in common (`halves.py`). When a message of it is deleted they are all sealed anew with
another one, and the half before is destroyed, so that no older copy of them tells the message's words.

One process at a time works at a room's index: it holds a claim with an end. Claims are numbered and every record says
under which it was written; a process that slept through the end of its claim cannot write over the work of the next one.
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
FREE = datetime(2000, 1, 1, tzinfo=UTC)  # the end of a claim that nobody holds

STEP = 4096  # bytes that a record is filled up to multiples of

_LENGTH = struct.Struct("<I")
_ROW = struct.Struct("<12sq")  # a message's id, and when it was said, in milliseconds
_NOBODY = bytes(12)
_BLOCK = struct.Struct("<qqqq")  # first, size, oldest, newest


class Superseded(Exception):
    """The claim has ended and somebody else works at this index."""


class Replaced(Exception):
    """A record was sealed anew at this moment, because a message was deleted; or since the backup that it was restored from."""

    def __init__(self, room_id: Id):
        super().__init__(str(room_id))
        self.room_id = room_id


class Kept(NamedTuple):
    """What is there of a block. `contents`: its records by their ids. `before`: halves that a crash may have left undestroyed."""

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
        """The id of the record that a token's list is in."""
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
    """From when to when the messages of a block were said, in milliseconds."""

    oldest: int
    newest: int

    @classmethod
    def of(cls, table: Mapping[int, Row]) -> Times:
        moments = [row.posted_at for row in table.values()]
        return cls(min(moments), max(moments))


@dataclass(frozen=True)
class IndexState:
    """How far a room's log is in its index, and the blocks that there are."""

    room_id: Id
    seq: int = 0  # every entry up to it is followed
    ordinal: int = 0  # the messages up to it lie in blocks
    times: dict[Block, Times] = field(default_factory=dict)

    def block_of(self, ordinal: int) -> Block:
        """The block that a message lies in, or will: the leaves after the last whole segment take what is new."""
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
    spent: tuple[str, ...]  # records that a segment took the place of, and that may still be there
    held: bool = True  # until it has ended

    def write(self, records: Mapping[str, bytes], half: int, before: Iterable[int] = ()) -> None:
        """Writes records by their ids, sealed with a half. `before`: the halves of what they replace. Raises Superseded."""
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
            if writes:  # there are none where an earlier try came this far
                database["postings"].bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            codes = {each["code"] for each in (error.details or {}).get("writeErrors", ())}
            if codes == {11000}:  # it is there under a later claim
                raise Superseded from error
            raise

    def keep(self, state: IndexState, spent: Iterable[str] = (), *, last: bool = False) -> Claim:
        """Notes how far the index is, after everything for it is written; prolongs the claim, or ends it with its `last` action.

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
        """Takes away what is spent, and the halves it was sealed with. Raises Superseded."""
        if self.spent:
            _destroy_halves({"_id": {"$in": list(self.spent)}})
            database["postings"].delete_many({"_id": {"$in": list(self.spent)}})
            self._set({"spent": []})
        return replace(self, spent=())

    def release(self) -> None:
        """Ends the claim, if it has not ended."""
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
    """The claim on a room's index; None while another process holds it."""
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
        with suppress(DuplicateKeyError):  # another process was quicker
            database["indexed_rooms"].insert_one(fresh)
        record = _claimed(room_id)
    return Claim(record["claim"], _state_from(record), tuple(record["spent"])) if record else None


def _claimed(room_id: Id) -> Record | None:
    """The room's record, claimed; None when it is held by another process, or is not there."""
    moment = now()
    # One that ends later than any that was made just now was made before the clock was set back, or on a machine whose clock is
    # half a minute ahead: its work is done twice then, and each claim's number keeps the other's off what it writes.
    ended = [{"claimed_until": {"$lte": moment}}, {"claimed_until": {"$gt": moment + 2 * CLAIM}}]
    record: Record | None = database["indexed_rooms"].find_one({"_id": room_id, "$or": ended})
    if record is None:
        return None
    as_read = {
        name: record[name] for name in ("_id", "claim", "claimed_until")
    }  # these change with whatever else does
    claimed = {"claim": record["claim"] + 1, "claimed_until": moment + CLAIM}
    changed = database["indexed_rooms"].update_one(as_read, {"$set": claimed})
    return record | claimed if changed.matched_count else None


def states_of(room_ids: Iterable[Id]) -> dict[Id, IndexState]:
    """How far each room's index is."""
    ids = list(room_ids)
    found = {
        record["_id"]: _state_from(record)
        for record in database["indexed_rooms"].find({"_id": {"$in": ids}})
    }
    return {room_id: found.get(room_id) or IndexState(room_id) for room_id in ids}


def read(record_ids: Iterable[str]) -> dict[str, bytes]:
    """Records by their ids, opened; those that are not there are left out. Raises Replaced, CannotOpen."""
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
    """The same for whoever holds the claim, with what was used to seal them. Raises CannotOpen."""
    kept = Kept({}, set(), set())
    for record in database["postings"].find({"_id": {"$in": list(record_ids)}}):
        kept.contents[record["_id"]] = _unframed(
            key_ring.of(record["room_id"]).open(record["sealed"], record["_id"])
        )
        kept.halves.add(record["half"])
        kept.before.update(record["before"])
    return kept


def drop(room_id: Id) -> None:
    """Takes a room's whole index away; messages are found by looking through the room until it is made anew.

    The record that counts the claims stays: whoever works at the index now cannot go on.
    """
    claim_none = {"seq": 0, "ordinal": 0, "blocks": Binary(b""), "spent": [], "claimed_until": FREE}
    database["indexed_rooms"].update_one(
        {"_id": room_id}, {"$inc": {"claim": 1}, "$set": claim_none}
    )
    _destroy_halves({"room_id": room_id})
    database["postings"].delete_many({"room_id": room_id})


def destroy(room_id: Id) -> None:
    """Nothing is left of a room's index: for a room that is deleted."""
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
    """The rows of a block, by their places in it. There is a hole where a damaged log has one."""
    rows = (table.get(place) for place in range(max(table) + 1))
    return b"".join(
        _ROW.pack(row.message_id.binary, row.posted_at) if row else _ROW.pack(_NOBODY, 0)
        for row in rows
    )


def rows_of(packed: bytes, places: Iterable[int] | None) -> Iterator[tuple[int, Row]]:
    """Some rows of a table with their places, without unpacking the rest; with None, all. A place without a row is passed over."""
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
