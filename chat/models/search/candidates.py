"""The candidates of a search: messages that may match, newest first, over several rooms.

One heap orders the blocks of the index by their newest message, another orders candidates by time.
The next candidate is certain once it is newer than every message in the unread blocks. All entries
after the end of the index are candidates.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.models.log import EDITED, POSTED, log_of
from chat.models.message.place import Place
from chat.models.search import blind_index, index_blocks, index_records
from chat.models.search.index_blocks import Block, IndexState
from chat.models.search.indexer import HAS_IMAGE, from_term
from chat.models.search.query import Query
from chat.utils.clock import milliseconds
from chat.utils.encryption import CannotOpen
from chat.utils.time_slices import Stint

STRETCH = 500  # entries that are not in the index yet, read at a time
FIELDS = ("seq", "event", "created_at", "message_id")  # the fields read of these entries
FEW_BLOCKS = 4  # blocks in the first read: few, because people mostly search for new messages
MOST_BLOCKS = 64  # blocks in one read
MUCH = 2_000_000  # bytes of the index; after a larger read the search reads fewer blocks at a time
LAST = Id("f" * 24)


class Moved(Exception):
    """A block of the index was merged or rebuilt during a search."""


@dataclass
class Candidates:
    """The candidates of one search, newest first, from heaps of unread blocks and of candidates.

    `stint` limits the CPU time. `before`: only messages before this place are candidates.
    """

    query: Query
    author_ids: set[Id] | None
    before: Place | None
    stint: Stint
    not_author_ids: frozenset[Id] = frozenset()
    _blocks: list[tuple[int, Block]] = field(default_factory=list)  # (-newest, block)
    # The keys are negated, because a heap returns the least item first.
    _candidates: list[tuple[int, bytes, Place]] = field(default_factory=list)
    _seen: set[Id] = field(default_factory=set)
    _tokens: dict[Id, list[set[bytes]]] = field(default_factory=dict)
    _at_a_time: int = FEW_BLOCKS
    _has_looked: bool = False

    def begin(self, room_ids: Iterable[Id]) -> None:
        for room_id, state in index_blocks.states_of(room_ids).items():
            try:
                key = key_ring.of(room_id).index
            except CannotOpen:  # somebody has just deleted the room
                continue
            tokens = [blind_index.tokens_of(key, terms) for terms in self._terms()]
            if self.author_ids is not None:
                tokens.append(blind_index.tokens_of(key, map(from_term, self.author_ids)))
            self._tokens[room_id] = tokens
            self._take_unindexed(state)
            for block, times in state.times.items():
                if times.oldest < self._end() and times.newest >= self._start():
                    heapq.heappush(self._blocks, (-times.newest, block))
        self.stint.begin()

    @property
    def has_more(self) -> bool:
        return bool(self._blocks or self._candidates)

    def reached(self) -> Place | None:
        """Return the place at which the unread blocks begin.

        Return None if there are no such blocks, or if this search has made no progress yet.
        """
        if not self._blocks or not self._has_looked:
            return None
        place = Place(-self._blocks[0][0], LAST)
        if self.before is None or place < self.before:
            return place
        return None

    def next_places(self, most: int) -> list[Place]:
        """Return the next candidates, newest first.

        The list is empty when there are no more, or when the time is up before one is found.
        """
        while (
            self._blocks
            and not self._next_is_certain()
            and not (self.stint.is_over and self.reached())
        ):
            self._look_into_blocks()
        places: list[Place] = []
        while len(places) < most and self._next_is_certain():
            places.append(heapq.heappop(self._candidates)[-1])
        return places

    def allows(self, record: Record) -> bool:
        """Return whether the record may match; the caller still compares the opened text."""
        return (
            "deleted_at" not in record
            and (self.author_ids is None or record["author_id"] in self.author_ids)
            and record["author_id"] not in self.not_author_ids
            and (self.query.has_image is None or self.query.has_image == ("images" in record))
        )

    def _terms(self) -> list[frozenset[str]]:
        """Return sets of terms; every message that matches has a term of each set."""
        terms = self.query.terms()
        if self.query.has_image:
            terms.append(frozenset({HAS_IMAGE}))
        return terms

    def _take_unindexed(self, state: IndexState) -> None:
        """Make candidates of the messages posted or edited after the end of the index."""
        log = log_of(state.room_id)
        head = log.head()
        edited: set[Id] = set()
        for after in range(state.seq, head.seq, STRETCH):
            for entry in log.entries(after, min(after + STRETCH, head.seq), FIELDS):
                if entry["event"] == POSTED:
                    self._take(Place(milliseconds(entry["created_at"]), entry["_id"]))
                elif entry["event"] == EDITED:
                    edited.add(entry["message_id"])
        if edited:
            for record in database["log"].find({"_id": {"$in": list(edited)}}, {"created_at": 1}):
                self._take(Place(milliseconds(record["created_at"]), record["_id"]))

    def _look_into_blocks(self) -> None:
        """Read the candidates of the newest blocks.

        Each call reads more blocks than the one before, unless the last read was large.
        """
        blocks = [
            heapq.heappop(self._blocks)[1] for _ in range(min(self._at_a_time, len(self._blocks)))
        ]
        wanted = {
            block.bucket_of(token)
            for block in blocks
            for tokens in self._tokens[block.room_id]
            for token in tokens
        }
        buckets = _read(wanted)
        if sum(map(len, buckets.values())) > MUCH:
            self._at_a_time = max(1, self._at_a_time // 4)
        else:
            self._at_a_time = min(self._at_a_time * 2, MOST_BLOCKS)
        self.stint.begin()
        found = {
            block: places
            for block in self.stint.pieces(blocks)
            if (places := self._places_in(block, buckets)) is None or places
        }
        tables = _read({block.table_id for block in found})
        self.stint.begin()
        for block, places in found.items():
            for _, row in index_blocks.rows_of(tables[block.table_id], places):
                self._take(Place(row.posted_at, row.message_id))
            self.stint.rest()
        self._has_looked = True

    def _places_in(self, block: Block, buckets: dict[str, bytes]) -> set[int] | None:
        """Return the places of messages in a block that have every term; None for all messages."""
        common: set[int] | None = None
        for tokens in self._tokens[block.room_id]:
            places = set[int]().union(
                *(blind_index.look_up(buckets[block.bucket_of(token)], token) for token in tokens)
            )
            common = places if common is None else common & places
        return common

    def _take(self, place: Place) -> None:
        if (
            place.message_id not in self._seen
            and self._start() <= place.posted_at < self._end()
            and (not self.before or place < self.before)
        ):
            self._seen.add(place.message_id)
            heapq.heappush(
                self._candidates, (-place.posted_at, _backwards(place.message_id), place)
            )

    def _next_is_certain(self) -> bool:
        """Return whether a candidate is newer than every message in the unread blocks."""
        return bool(self._candidates) and (
            not self._blocks or self._candidates[0][0] < self._blocks[0][0]
        )

    def _start(self) -> int:
        return milliseconds(self.query.after) if self.query.after else 0

    def _end(self) -> int:
        """Return the first millisecond that is too late for a candidate."""
        ends = [2**62]
        if self.query.before:
            ends.append(milliseconds(self.query.before))
        if self.before:
            ends.append(self.before.posted_at + 1)
        return min(ends)


def _read(record_ids: set[str]) -> dict[str, bytes]:
    if not record_ids:
        return {}
    records = index_records.read(record_ids)
    if len(records) < len(record_ids):
        raise Moved
    return records


def _backwards(message_id: Id) -> bytes:
    """Return a key that sorts ids from the greatest to the least."""
    return bytes(255 - byte for byte in message_id.binary)
