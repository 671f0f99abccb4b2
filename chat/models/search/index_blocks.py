"""Blocks of the search index: a block is a range of a room's messages, with common posting lists.

The newest messages are in leaves of 100 messages; a leaf has one record of lists. A thousand
messages become a segment, whose tokens are spread over buckets. So a query reads one small record
of the segment.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from bson import Binary

from chat.models.database import Record, database
from chat.models.document import Id

LEAF = 100  # messages
SEGMENT = 1_000  # messages
BUCKETS = 32  # in a segment

_ROW = struct.Struct("<12sq")  # a message's id, and when it was posted, in milliseconds
_NOBODY = bytes(12)
_BLOCK = struct.Struct("<qqqq")  # first, size, oldest, newest


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
    seq: int = 0  # every entry up to this seq is indexed
    ordinal: int = 0  # every message up to this ordinal is in a block
    times: dict[Block, Times] = field(default_factory=dict)

    def block_of(self, ordinal: int) -> Block:
        """Return the block that has the message, or will have it once the message is indexed.

        Messages after the last whole segment are in leaves.
        """
        segmented = self.ordinal // SEGMENT * SEGMENT
        if ordinal <= segmented:
            return Block.segment_of(self.room_id, ordinal)
        return Block.leaf_of(self.room_id, ordinal)


def bucket_number(token: bytes, buckets: int) -> int:
    return token[0] % buckets


def states_of(room_ids: Iterable[Id]) -> dict[Id, IndexState]:
    """Return the state of each room's index."""
    ids = list(room_ids)
    found = {
        record["_id"]: state_from(record)
        for record in database["indexed_rooms"].find({"_id": {"$in": ids}})
    }
    return {room_id: found.get(room_id) or IndexState(room_id) for room_id in ids}


def state_from(record: Record) -> IndexState:
    """Return the state that a record of `indexed_rooms` contains."""
    blocks = _BLOCK.iter_unpack(record["blocks"])
    times = {
        Block(record["_id"], first, size): Times(oldest, newest)
        for first, size, oldest, newest in blocks
    }
    return IndexState(record["_id"], record["seq"], record["ordinal"], times)


def packed_blocks(times: Mapping[Block, Times]) -> Binary:
    """Return blocks with their times as a record of `indexed_rooms` contains them."""
    return Binary(
        b"".join(
            _BLOCK.pack(block.first, block.size, its.oldest, its.newest)
            for block, its in times.items()
        )
    )


def pack_table(table: Mapping[int, Row]) -> bytes:
    """Pack the rows of a block in the order of their places.

    A place without a row, which only a damaged log causes, stays empty.
    """
    rows = (table.get(place) for place in range(max(table) + 1))
    return b"".join(
        _ROW.pack(row.message_id.binary, row.posted_at) if row else _ROW.pack(_NOBODY, 0)
        for row in rows
    )


def rows_of(packed: bytes, places: Iterable[int] | None) -> Iterator[tuple[int, Row]]:
    """Yield some rows of a table with their places; all rows if `places` is None.

    Only these rows are unpacked. Places without a row are skipped.
    """
    count = len(packed) // _ROW.size
    if places is None:
        places = range(count)
    for place in places:
        if place < count:
            message_id, posted_at = _ROW.unpack_from(packed, place * _ROW.size)
            if message_id != _NOBODY:
                yield place, Row(posted_at, Id(message_id))


def unpack_table(packed: bytes) -> dict[int, Row]:
    return dict(rows_of(packed, None))
