"""Searchable: find sealed messages by their words, newest first, over several rooms.

The index returns candidates and when they were posted. Every message that is not in the index yet
is a candidate too. A search opens the candidates, newest first, and compares them again until it
has enough hits. So it misses no message, and shows none that does not match as it is now.

An answer also ends at a budget of CPU time and says where the next one goes on: a search may take
long, but not in one answer.
"""

from __future__ import annotations

import heapq
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.models.log import EDITED, POSTED, log_of
from chat.models.log.record_cache import decoded
from chat.models.message.bounds import MOST_BYTES, Allowance, fitting
from chat.models.message.opened import OpenMessage
from chat.models.message.place import Place
from chat.models.search import blind_index, index_blocks, index_lease, index_records
from chat.models.search.index_blocks import Block, IndexState
from chat.models.search.index_records import Replaced
from chat.models.search.indexer import HAS_IMAGE, from_term
from chat.models.search.query import Query, Span
from chat.utils.clock import milliseconds
from chat.utils.encryption import CannotOpen
from chat.utils.errors import Unavailable
from chat.utils.time_slices import Stint

USUAL_LIMIT, LARGEST_LIMIT = 20, 50  # messages in one answer
STRETCH = 500  # entries that are not in the index yet, read at a time
FEW_BLOCKS, MOST_BLOCKS = 4, 64  # read at a time; few at first, for people mostly seek new messages
MOST_AT_A_TIME = 100  # candidates opened at a time
MOST_CANDIDATES = 5_000  # opened for one answer; the next page goes on
MOST_SECONDS = 0.2  # of CPU for one answer; the next page goes on
MUCH = 2_000_000  # bytes of the index; after a larger read the search reads fewer blocks at a time
MOST_HIGHLIGHTS = 100  # of one message
LAST = Id("f" * 24)
TRIES = 10  # at walking through indexes that other processes rebuild

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hit:
    """A message that matches.

    `highlights`: from which to which character of its body, in order and without overlaps.
    """

    message: OpenMessage
    highlights: list[Span]


@dataclass(frozen=True)
class Found:
    """The hits of one answer, newest first.

    `next`: where the next page begins; None when there is none. `notices`: sentences for the
    person who searches.
    """

    hits: list[Hit]
    next: Place | None
    notices: tuple[str, ...] = ()


class _Moved(Exception):
    """A block of the index was merged or rebuilt during a search."""


class _Fit(NamedTuple):
    """A candidate that matches the query."""

    record: Record
    body: str
    spans: list[Span]


class Searchable(OpenMessage):
    @classmethod
    def search(
        cls,
        query: Query,
        room_ids: Iterable[Id],
        author_ids: set[Id] | None,
        *,
        before: Place | None,
        limit: int,
        not_author_ids: frozenset[Id] = frozenset(),
        size: Callable[[OpenMessage], int] = lambda _: 0,
        most_bytes: int = MOST_BYTES,
    ) -> Found:
        """Return at most `limit` messages of these rooms that match, from `before` on.

        `author_ids`: only by these (None: by anybody); `not_author_ids`: not by these. `size`: the
        bytes that a message takes in the answer, which has at most `most_bytes`. It may have fewer
        messages, or none, though the search goes on at `next`. Raises Unavailable.
        """
        rooms, stint = list(room_ids), Stint(MOST_SECONDS)
        moved, replaced = 0, set[Id]()
        while moved < TRIES:
            try:
                return cls._search(
                    _Walk(query, author_ids, before, stint, not_author_ids),
                    rooms,
                    limit,
                    size,
                    most_bytes,
                )
            except _Moved:
                # Leaves became a segment, or a process builds an index anew: begin again.
                moved += 1
            except Replaced as error:
                if error.room_id in replaced:  # not a passing state: have the index built anew
                    index_lease.drop(error.room_id)
                replaced.add(error.room_id)
        raise Unavailable(reason=f"the search index moved {TRIES} times under one search")

    @classmethod
    def _search(
        cls,
        walk: _Walk,
        room_ids: list[Id],
        limit: int,
        size: Callable[[OpenMessage], int],
        most_bytes: int,
    ) -> Found:
        walk.begin(room_ids)
        hits: list[Hit] = []
        # One hit more than the limit shows whether there is a next page.
        opened, at_a_time = 0, limit + 1
        following: Place | None = None
        while places := walk.next_places(at_a_time):
            seen, found = cls._look_at(places, walk, limit + 1 - len(hits))
            hits, opened, at_a_time = hits + found, opened + seen, MOST_AT_A_TIME
            if (
                len(hits) > limit
                or seen < len(places)
                or opened >= MOST_CANDIDATES
                or (walk.stint.is_over and walk.has_more)
            ):
                following = places[seen - 1]
                break
        else:
            following = walk.reached()
        shown = fitting(hits[:limit], lambda hit: size(hit.message), most_bytes)
        return Found(shown, _place_of(shown[-1].message) if len(shown) < len(hits) else following)

    @classmethod
    def _look_at(cls, places: list[Place], walk: _Walk, most: int) -> tuple[int, list[Hit]]:
        """Return how many of some candidates were opened, one at least, and the hits, in order.

        Ends at `most` hits, at the bytes of an answer, and when the walk's time is up.
        """
        ids = [place.message_id for place in places]
        raw = {
            each["_id"]: bytes(each.raw)
            for each in database.undecoded("log").find({"_id": {"$in": ids}})
        }
        walk.stint.begin()
        seen, there, allowance = 0, dict[Id, _Fit](), Allowance()
        for seen, place in enumerate(places, 1):
            fit = cls._fit(raw[place.message_id], walk) if place.message_id in raw else None
            if fit and not allowance.takes(len(fit.record.get("text", b""))):
                seen -= 1
                break
            if fit:
                there[place.message_id] = fit
            walk.stint.rest()
            if len(there) == most or walk.stint.is_over:
                break
        hits = cls._hits(there, walk)
        return seen, [hits[place.message_id] for place in places[:seen] if place.message_id in hits]

    @classmethod
    def _fit(cls, raw: bytes, walk: _Walk) -> _Fit | None:
        """Return a candidate as it is now, if it matches the query."""
        record = decoded(raw)
        if not walk.allows(record):
            return None
        (record,) = log_of(record["room_id"]).current([record])
        body = cls._body_of(record)
        spans = None if body is None else walk.query.spans(body, walk.stint.pieces)
        return None if body is None or spans is None else _Fit(record, body, spans)

    @classmethod
    def _hits(cls, there: dict[Id, _Fit], walk: _Walk) -> dict[Id, Hit]:
        by_room: dict[Id, list[Record]] = defaultdict(list)
        for fit in there.values():
            by_room[fit.record["room_id"]].append(fit.record)
        messages = [
            message for records in by_room.values() for message in cls.from_records(records)
        ]
        walk.stint.begin()
        hits: dict[Id, Hit] = {}
        for message in messages:
            if message.deleted_at:  # during the search, or before its record says so
                continue
            fit = there[message.id]
            # Compare the very text of the answer: an edit may have come in during the search.
            spans = (
                fit.spans
                if message.text.body == fit.body
                else walk.query.spans(message.text.body, walk.stint.pieces)
            )
            if spans is not None:
                hits[message.id] = Hit(message, spans[:MOST_HIGHLIGHTS])
        return hits

    @classmethod
    def _body_of(cls, record: Record) -> str | None:
        try:
            return cls.open_body(record)
        except CannotOpen as error:  # a damaged message is no hit, and must not hide the others
            logger.warning("a message could not be searched", extra={"reason": str(error)})
            return None


@dataclass
class _Walk:
    """The way from the newest candidate to the oldest: heaps of unread blocks and of candidates."""

    query: Query
    author_ids: set[Id] | None
    before: Place | None
    stint: Stint
    not_author_ids: frozenset[Id] = frozenset()
    _blocks: list[tuple[int, Block]] = field(default_factory=list)  # (-newest, block)
    # Negated, for a heap returns the least item.
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
            words = [blind_index.tokens_of(key, terms) for terms in self._terms()]
            authors = (
                [blind_index.tokens_of(key, map(from_term, self.author_ids))]
                if self.author_ids is not None
                else []
            )
            self._tokens[room_id] = words + authors
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

        None where there are no such blocks, or where the walk made no progress since it began.
        """
        if not self._blocks or not self._has_looked:
            return None
        place = Place(-self._blocks[0][0], LAST)
        return place if self.before is None or place < self.before else None

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
        """Return whether a message matches, as far as that is known without opening it."""
        return (
            "deleted_at" not in record
            and (self.author_ids is None or record["author_id"] in self.author_ids)
            and record["author_id"] not in self.not_author_ids
            and (self.query.has_image is None or self.query.has_image == ("images" in record))
        )

    def _terms(self) -> list[frozenset[str]]:
        """Return sets of terms; every message that matches has a term of each set."""
        return self.query.terms() + ([frozenset({HAS_IMAGE})] if self.query.has_image else [])

    def _take_unindexed(self, state: IndexState) -> None:
        """Make candidates of the messages posted or edited after the end of the index."""
        log = log_of(state.room_id)
        head, edited = log.head(), set()
        for after in range(state.seq, head.seq, STRETCH):
            for entry in log.entries(
                after, min(after + STRETCH, head.seq), ("seq", "event", "created_at", "message_id")
            ):
                if entry["event"] == POSTED:
                    self._take(Place(milliseconds(entry["created_at"]), entry["_id"]))
                elif entry["event"] == EDITED:
                    edited.add(entry["message_id"])
        if edited:
            for record in database["log"].find({"_id": {"$in": list(edited)}}, {"created_at": 1}):
                self._take(Place(milliseconds(record["created_at"]), record["_id"]))

    def _look_into_blocks(self) -> None:
        """Take the candidates of the newest blocks; of more blocks, the longer nothing is found."""
        blocks = [
            heapq.heappop(self._blocks)[1] for _ in range(min(self._at_a_time, len(self._blocks)))
        ]
        wanted = {
            block.bucket_of(token)
            for block in blocks
            for tokens in self._tokens[block.room_id]
            for token in tokens
        }
        kept = _read(wanted)
        self._at_a_time = (
            max(1, self._at_a_time // 4)
            if sum(map(len, kept.values())) > MUCH
            else min(self._at_a_time * 2, MOST_BLOCKS)
        )
        self.stint.begin()
        found = {
            block: places
            for block in self.stint.pieces(blocks)
            if (places := self._places_in(block, kept)) is None or places
        }
        tables = _read({block.table_id for block in found})
        self.stint.begin()
        for block, places in found.items():
            for _, row in index_blocks.rows_of(tables[block.table_id], places):
                self._take(Place(row.posted_at, row.message_id))
            self.stint.rest()
        self._has_looked = True

    def _places_in(self, block: Block, kept: dict[str, bytes]) -> set[int] | None:
        """Return the messages of a block that have every term; None for all of them."""
        common: set[int] | None = None
        for tokens in self._tokens[block.room_id]:
            places = set[int]().union(
                *(blind_index.look_up(kept[block.bucket_of(token)], token) for token in tokens)
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
        """Return the first millisecond that is too late."""
        ends = [milliseconds(self.query.before)] if self.query.before else []
        return min([*ends, self.before.posted_at + 1] if self.before else ends, default=2**62)


def _read(record_ids: set[str]) -> dict[str, bytes]:
    records = index_records.read(record_ids) if record_ids else {}
    if len(records) < len(record_ids):
        raise _Moved
    return records


def _place_of(message: OpenMessage) -> Place:
    return Place(milliseconds(message.created_at), message.id)


def _backwards(message_id: Id) -> bytes:
    """Return a key that sorts ids from the greatest to the least."""
    return bytes(255 - byte for byte in message_id.binary)
