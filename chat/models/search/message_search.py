"""Search messages: find sealed messages by their words, newest first, over several rooms.

The index returns candidates and when they were posted (`candidates.py`). Every message that is not
in the index yet is a candidate too. A search opens the candidates, newest first, and compares each
text with the query, until it has enough hits. So the search misses no message, and every hit
matches in its current version.

An answer ends early when its CPU time is used up, and says where the next answer goes on. So a long
search takes many answers, but no answer takes long.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.log import log_of
from chat.models.log.record_cache import decoded
from chat.models.message import Message
from chat.models.message.bounds import MOST_BYTES, Allowance, fitting
from chat.models.message.place import Place
from chat.models.search import index_lease
from chat.models.search.candidates import Candidates, Moved
from chat.models.search.index_records import Replaced
from chat.models.search.query import Query, Span
from chat.utils.clock import milliseconds
from chat.utils.encryption import CannotOpen
from chat.utils.errors import Unavailable
from chat.utils.time_slices import Stint

USUAL_LIMIT = 20  # messages in one answer
LARGEST_LIMIT = 50
MOST_AT_A_TIME = 100  # candidates opened at a time
MOST_CANDIDATES = 5_000  # opened for one answer; the next page goes on
MOST_SECONDS = 0.2  # CPU time for one answer; the next page goes on
MOST_HIGHLIGHTS = 100  # in one message
TRIES = 10  # attempts to search while other processes rebuild the index

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hit:
    """A message that matches.

    `highlights`: (start, end) of each matching part of the body, in order and without overlaps.
    """

    message: Message
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


class _Match(NamedTuple):
    """A candidate that matches the query."""

    record: Record
    body: str
    spans: list[Span]


class _Examined(NamedTuple):
    """How many candidates were opened, at least one, and the hits among them, in order."""

    opened: int
    hits: list[Hit]


def search_messages(
    query: Query,
    room_ids: Iterable[Id],
    author_ids: set[Id] | None,
    *,
    before: Place | None,
    limit: int,
    not_author_ids: frozenset[Id] = frozenset(),
    size: Callable[[Message], int] = lambda _: 0,
    most_bytes: int = MOST_BYTES,
) -> Found:
    """Return at most `limit` messages of these rooms that match, from `before` on.

    `author_ids`: the allowed authors; None allows everybody. `not_author_ids`: authors to leave
    out. `size` returns the bytes of a message in the answer, which has at most `most_bytes`. The
    answer may have fewer messages, or none, although the search goes on at `next`. Raises
    Unavailable.
    """
    rooms = list(room_ids)
    stint = Stint(MOST_SECONDS)
    moved = 0
    replaced: set[Id] = set()
    while moved < TRIES:
        candidates = Candidates(query, author_ids, before, stint, not_author_ids)
        try:
            return _search(candidates, rooms, limit, size, most_bytes)
        except Moved:
            # Leaves became a segment, or a process rebuilds an index: begin again.
            moved += 1
        except Replaced as error:
            if error.room_id in replaced:  # the error stays, so drop the index: a job rebuilds it
                index_lease.drop(error.room_id)
            replaced.add(error.room_id)
    raise Unavailable(reason=f"the search index moved {TRIES} times under one search")


def _search(
    candidates: Candidates,
    room_ids: list[Id],
    limit: int,
    size: Callable[[Message], int],
    most_bytes: int,
) -> Found:
    candidates.begin(room_ids)
    hits: list[Hit] = []
    opened = 0
    # One hit more than the limit shows whether there is a next page.
    at_a_time = limit + 1
    following: Place | None = None
    while places := candidates.next_places(at_a_time):
        examined = _examine(places, candidates, limit + 1 - len(hits))
        hits += examined.hits
        opened += examined.opened
        if (
            len(hits) > limit
            or examined.opened < len(places)
            or opened >= MOST_CANDIDATES
            or (candidates.stint.is_over and candidates.has_more)
        ):
            following = places[examined.opened - 1]
            break
        at_a_time = MOST_AT_A_TIME
    else:
        following = candidates.reached()
    shown = fitting(hits[:limit], lambda hit: size(hit.message), most_bytes)
    if len(shown) < len(hits):
        following = _place_of(shown[-1].message)
    return Found(shown, following)


def _examine(places: list[Place], candidates: Candidates, most: int) -> _Examined:
    """Open some candidates and compare them with the query.

    This ends when there are `most` hits, when they fill an answer, or when the CPU time is used up.
    """
    ids = [place.message_id for place in places]
    raw = {
        each["_id"]: bytes(each.raw)
        for each in database.undecoded("log").find({"_id": {"$in": ids}})
    }
    stint = candidates.stint
    stint.begin()
    count = 0
    matches: dict[Id, _Match] = {}
    allowance = Allowance()
    for count, place in enumerate(places, 1):
        message_id = place.message_id
        match = _match(raw[message_id], candidates) if message_id in raw else None
        if match and not allowance.takes(len(match.record.get("text", b""))):
            count -= 1
            break
        if match:
            matches[message_id] = match
        stint.rest()
        if len(matches) == most or stint.is_over:
            break
    hits = _hits(matches, candidates)
    return _Examined(count, [hits[each] for each in ids[:count] if each in hits])


def _match(raw: bytes, candidates: Candidates) -> _Match | None:
    """Return a candidate as it is now, if it matches the query."""
    record = decoded(raw)
    if not candidates.allows(record):
        return None
    record = log_of(record["room_id"]).current([record])[0]
    body = _body_of(record)
    if body is None:
        return None
    spans = candidates.query.spans(body, candidates.stint.pieces)
    return None if spans is None else _Match(record, body, spans)


def _hits(matches: dict[Id, _Match], candidates: Candidates) -> dict[Id, Hit]:
    by_room: dict[Id, list[Record]] = defaultdict(list)
    for match in matches.values():
        by_room[match.record["room_id"]].append(match.record)
    messages = [
        message for records in by_room.values() for message in Message.from_records(records)
    ]
    candidates.stint.begin()
    hits: dict[Id, Hit] = {}
    for message in messages:
        if message.deleted_at:  # somebody deleted the message during the search
            continue
        match = matches[message.id]
        spans: list[Span] | None = match.spans
        # The answer has to match: somebody may have edited the message during the search.
        if message.text.body != match.body:
            spans = candidates.query.spans(message.text.body, candidates.stint.pieces)
        if spans is not None:
            hits[message.id] = Hit(message, spans[:MOST_HIGHLIGHTS])
    return hits


def _body_of(record: Record) -> str | None:
    try:
        return Message.open_body(record)
    except CannotOpen as error:  # a damaged message is no hit, and must not hide the others
        logger.warning("a message could not be searched", extra={"reason": str(error)})
        return None


def _place_of(message: Message) -> Place:
    return Place(milliseconds(message.created_at), message.id)
