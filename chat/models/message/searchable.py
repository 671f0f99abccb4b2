"""Searchable: messages are found by their words, newest first over several rooms, though none can be read where they lie.

The index names candidates and when they were said; what is not in the index yet is a candidate altogether. Candidates are
opened and looked at again, newest first, until there are enough. So nothing is missed, and nothing is shown that does
not fit as it stands now.
"""

from __future__ import annotations

import heapq
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from chat.models import posting
from chat.models.database import Record, database
from chat.models.document import Id, id_from
from chat.models.key_ring import key_ring
from chat.models.log import EDITED, POSTED, log_of
from chat.models.message.indexing import HAS_IMAGE, from_term
from chat.models.posting import Block, IndexState, Replaced
from chat.utils import blind_index
from chat.utils.clock import milliseconds
from chat.utils.encryption import CannotOpen
from chat.utils.errors import Unavailable
from chat.utils.pieces import in_pieces
from chat.utils.search_query import Query, Span

if TYPE_CHECKING:
    from chat.models.message import Message

USUAL_LIMIT, LARGEST_LIMIT = 20, 50  # messages in one answer
STRETCH = 500         # entries that are not in the index yet, read at a time
FEW_BLOCKS, MOST_BLOCKS = 4, 64  # looked into at a time: few at first, for most of what is looked for was said lately
MOST_AT_A_TIME = 100  # candidates opened at a time
MOST_CANDIDATES = 5_000  # opened for one answer; what is beyond them is left to the next page
TRIES = 10            # at walking through indexes that are being rebuilt

logger = logging.getLogger(__name__)


class Place(NamedTuple):
    """Where a message stands among all that are found: by when it was said, then by its id."""

    said_at: int  # milliseconds since 1970
    message_id: Id

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """What `str` made; None for anything else."""
        said_at, _, message_id = text.partition("-")
        found = id_from(message_id)
        return cls(int(said_at), found) if found and said_at.isdecimal() and len(said_at) <= 15 else None

    def __str__(self) -> str:
        return f"{self.said_at}-{self.message_id}"


@dataclass(frozen=True)
class Hit:
    """A message that fits. `highlights`: from which to which character of its body, in order and apart from each other."""

    message: Message
    highlights: list[Span]


@dataclass(frozen=True)
class Found:
    """Newest first. `next`: where to go on; None when that was all."""

    hits: list[Hit]
    next: Place | None


class _Moved(Exception):
    """A block that was there a moment ago is there no more."""


class Searchable:
    if TYPE_CHECKING:

        @classmethod
        def from_records(cls, records: list[Record]) -> list[Message]: ...
        @staticmethod
        def open_body(record: Record) -> str: ...

    @classmethod
    def search(
        cls, query: Query, room_ids: Iterable[Id], author_ids: set[Id] | None, *, before: Place | None, limit: int
    ) -> Found:
        """At most `limit` messages of these rooms, by these authors (None: anybody's), from `before` on."""
        rooms, moved, replaced = list(room_ids), 0, set[Id]()
        while moved < TRIES:
            try:
                return cls._search(_Walk(query, author_ids, before), rooms, limit)
            except _Moved:  # leaves became a segment, or an index is made anew: begin again with what is there now
                moved += 1
            except Replaced as error:
                if error.room_id in replaced:  # it stays so: that index is to be made anew
                    posting.drop(error.room_id)
                replaced.add(error.room_id)
        raise Unavailable

    @classmethod
    def _search(cls, walk: _Walk, room_ids: list[Id], limit: int) -> Found:
        walk.begin(room_ids)
        hits: list[Hit] = []
        opened, last, at_a_time = 0, walk.before, limit + 1  # one more than is shown tells whether that is all
        while len(hits) <= limit and opened < MOST_CANDIDATES and (places := walk.next_places(at_a_time)):
            hits += cls._fitting(places, walk)
            opened, last, at_a_time = opened + len(places), places[-1], MOST_AT_A_TIME
        if len(hits) > limit:
            return Found(hits[:limit], _place_of(hits[limit - 1].message))
        return Found(hits, last if opened >= MOST_CANDIDATES else None)

    @classmethod
    def _fitting(cls, places: list[Place], walk: _Walk) -> list[Hit]:
        """Those of some candidates that fit, in the same order."""
        by_room: dict[Id, list[Record]] = defaultdict(list)
        for record in database["log"].find({"_id": {"$in": [place.message_id for place in places]}}):
            by_room[record["room_id"]].append(record)
        hits: dict[Id, Hit] = {}
        for room_id, records in by_room.items():
            fitting = walk.fitting([(record, cls._body_of(record)) for record in log_of(room_id).current(records) if walk.allows(record)])
            messages = cls.from_records(fitting)
            # Once more, on the very text that is shown: it may have been edited while we looked.
            for message, spans in zip(messages, walk.spans(message.text.body for message in messages), strict=True):
                if spans is not None:
                    hits[message.id] = Hit(message, spans)
        return [hits[place.message_id] for place in places if place.message_id in hits]

    @classmethod
    def _body_of(cls, record: Record) -> str | None:
        try:
            return cls.open_body(record)
        except CannotOpen as error:  # what is damaged is not found; it must not hide all else
            logger.warning("a message could not be searched", extra={"reason": str(error)})
            return None


@dataclass
class _Walk:
    """From the newest candidate to the oldest: two heaps, of blocks that nobody looked into yet, and of candidates."""

    query: Query
    author_ids: set[Id] | None
    before: Place | None
    _blocks: list[tuple[int, Block]] = field(default_factory=list)          # (-newest, block)
    _candidates: list[tuple[int, bytes, Place]] = field(default_factory=list)  # negated, for a heap gives the least
    _seen: set[Id] = field(default_factory=set)
    _tokens: dict[Id, list[set[bytes]]] = field(default_factory=dict)
    _at_a_time: int = FEW_BLOCKS

    def begin(self, room_ids: Iterable[Id]) -> None:
        for room_id, state in posting.states_of(room_ids).items():
            try:
                key = key_ring.of(room_id).index
            except CannotOpen:  # deleted a moment ago: there is nothing to be found any more
                continue
            words = [blind_index.tokens_of(key, [term]) for term in self._terms()]
            authors = [blind_index.tokens_of(key, map(from_term, self.author_ids))] if self.author_ids is not None else []
            self._tokens[room_id] = words + authors
            self._take_unindexed(state)
            for block, times in state.times.items():
                if times.oldest < self._end() and times.newest >= self._start():
                    heapq.heappush(self._blocks, (-times.newest, block))

    def next_places(self, most: int) -> list[Place]:
        """The next candidates, newest first; none when there are no more."""
        while self._blocks and not self._next_is_certain():
            self._look_into_blocks()
        places: list[Place] = []
        while len(places) < most and self._next_is_certain():
            places.append(heapq.heappop(self._candidates)[-1])
        return places

    def allows(self, record: Record) -> bool:
        """Whether a message fits, as far as that is known without opening it."""
        return (
            "deleted_at" not in record
            and (self.author_ids is None or record["author_id"] in self.author_ids)
            and (not self.query.has_image or "images" in record)
        )

    def fitting(self, bodies: list[tuple[Record, str | None]]) -> list[Record]:
        opened = [(record, body) for record, body in bodies if body is not None]
        spans = self.spans(body for _, body in opened)
        return [record for (record, _), found in zip(opened, spans, strict=True) if found is not None]

    def spans(self, bodies: Iterable[str]) -> list[list[Span] | None]:
        return [self.query.spans(body) for body in in_pieces(bodies)]

    def _terms(self) -> set[str]:
        return self.query.terms() | ({HAS_IMAGE} if self.query.has_image else set())

    def _take_unindexed(self, state: IndexState) -> None:
        """All that was said or edited since the index was made is a candidate."""
        log = log_of(state.room_id)
        head, edited = log.head(), set()
        for after in range(state.seq, head.seq, STRETCH):
            for entry in log.entries(after, min(after + STRETCH, head.seq), ("seq", "event", "created_at", "message_id")):
                if entry["event"] == POSTED:
                    self._take(Place(milliseconds(entry["created_at"]), entry["_id"]))
                elif entry["event"] == EDITED:
                    edited.add(entry["message_id"])
        if edited:
            for record in database["log"].find({"_id": {"$in": list(edited)}}, {"created_at": 1}):
                self._take(Place(milliseconds(record["created_at"]), record["_id"]))

    def _look_into_blocks(self) -> None:
        """The candidates of the newest blocks; of more at a time, the longer nothing is found."""
        blocks = [heapq.heappop(self._blocks)[1] for _ in range(min(self._at_a_time, len(self._blocks)))]
        self._at_a_time = min(self._at_a_time * 2, MOST_BLOCKS)
        wanted = {block.bucket_of(token) for block in blocks for tokens in self._tokens[block.room_id] for token in tokens}
        kept = _read(wanted)
        found = {block: places for block in blocks if (places := self._places_in(block, kept)) is None or places}
        tables = _read({block.table_id for block in found})
        for block, places in found.items():
            for _, row in posting.rows_of(tables[block.table_id], places):
                self._take(Place(row.said_at, row.message_id))

    def _places_in(self, block: Block, kept: dict[str, bytes]) -> set[int] | None:
        """The messages of a block that have every term; None for all of them."""
        common: set[int] | None = None
        for tokens in self._tokens[block.room_id]:
            places = set[int]().union(*(blind_index.look_up(kept[block.bucket_of(token)], token) for token in tokens))
            common = places if common is None else common & places
        return common

    def _take(self, place: Place) -> None:
        if place.message_id not in self._seen and self._start() <= place.said_at < self._end() and (not self.before or place < self.before):
            self._seen.add(place.message_id)
            heapq.heappush(self._candidates, (-place.said_at, _backwards(place.message_id), place))

    def _next_is_certain(self) -> bool:
        """Whether there is a candidate, newer than whatever may stand in the blocks that nobody looked into yet."""
        return bool(self._candidates) and (not self._blocks or self._candidates[0][0] < self._blocks[0][0])

    def _start(self) -> int:
        return milliseconds(self.query.after) if self.query.after else 0

    def _end(self) -> int:
        """The first millisecond that is too late."""
        ends = [milliseconds(self.query.before)] if self.query.before else []
        return min([*ends, self.before.said_at + 1] if self.before else ends, default=2**62)


def _read(record_ids: set[str]) -> dict[str, bytes]:
    records = posting.read(record_ids) if record_ids else {}
    if len(records) < len(record_ids):
        raise _Moved
    return records


def _place_of(message: Message) -> Place:
    return Place(milliseconds(message.created_at), message.id)


def _backwards(message_id: Id) -> bytes:
    """Sorts ids from the greatest to the least."""
    return bytes(255 - byte for byte in message_id.binary)
