"""Search messages in the rooms that a person is in, and keep the index up to date."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from functools import partial
from typing import NamedTuple

from chat import extensions
from chat.controllers import search_scope
from chat.controllers.search_scope import Scope
from chat.extensions import socketio
from chat.models.database import DatabaseError
from chat.models.document import Id
from chat.models.log import seen_heads
from chat.models.message.bounds import MOST_BYTES
from chat.models.message.place import Place
from chat.models.room import Room
from chat.models.search import indexer
from chat.models.search.message_search import USUAL_LIMIT, Found, search_messages
from chat.models.search.query import Query, parse
from chat.models.user import User
from chat.schemas.messages import size_of
from chat.utils.encryption import CannotOpen
from chat.utils.errors import ValidationFailed
from chat.utils.turns import Turns

MUCH = 200  # entries of a room that are worth a round of indexing
QUIET_SECONDS = 4.0  # after these a smaller number is worth it, too
ROOMS_AT_A_TIME = 500
LONGEST_WAIT = 5.0  # seconds that a person's next search waits for its turn
WITHOUT_SIGNS = "No message has exactly this punctuation. These messages have the words alone."

_turns = Turns(1, waiting=1, seconds=LONGEST_WAIT)
logger = logging.getLogger(__name__)


class SeenHead(NamedTuple):
    """A room's head, and when this process first saw it."""

    seq: int
    seen_at: float


@dataclass
class Progress:
    rooms: int = 0
    steps: int = 0
    problems: list[str] = field(default_factory=list)


def search(
    person: User,
    *,
    q: str,
    room_id: str | None = None,
    author: str | None = None,
    before: str | None = None,
    limit: int = USUAL_LIMIT,
    zone: tzinfo = UTC,
    most_bytes: int = MOST_BYTES,
) -> Found:
    """Return the newest messages that match, of one room or of all the person's rooms.

    Runs one search at a time for each person. Raises NotFound, ValidationFailed, RateLimited,
    Unavailable.
    """
    query = Query()
    if q or not (room_id or author):
        query = parsed(person, q, zone)
    place = None
    if before:
        place = Place.parse(before)
        if place is None:
            raise ValidationFailed(fields={"before": "Use `next` of the page before."})
    with _turns.turn(person.id) if extensions.settings().rate_limits else nullcontext():
        scope = search_scope.scope_of(person, query, room_id, author)
        found = _found(query, scope, place, limit, most_bytes)
    return replace(found, notices=(*query.notices, *scope.notices, *found.notices))


def parsed(person: User, q: str, zone: tzinfo = UTC) -> Query:
    """Return the query of `q` as this person means it. Raises ValidationFailed."""
    return parse(q, zone, find_names=partial(search_scope.names_among, person))


def _found(query: Query, scope: Scope, place: Place | None, limit: int, most_bytes: int) -> Found:
    """Search; where no message has a word with its sign, search for the word without it."""
    if scope.is_empty:
        return Found([], None)

    def look(query: Query, place: Place | None, limit: int) -> Found:
        return search_messages(
            query,
            scope.room_ids,
            scope.author_ids,
            before=place,
            limit=limit,
            not_author_ids=scope.not_author_ids,
            size=size_of,
            most_bytes=most_bytes,
        )

    found = look(query, place, limit)
    if found.hits or found.next:
        return found
    if not query.has_signs:
        return replace(found, notices=_why_nothing(query))
    if place and look(query, None, 1).hits:
        return found
    plain = look(query.plainly(), place, limit)
    if plain.hits or plain.next:
        return replace(plain, notices=(WITHOUT_SIGNS,))
    return plain


def _why_nothing(query: Query) -> tuple[str, ...]:
    short = [phrase.units[0].text for phrase in query.phrases if phrase.is_short]
    if not short:
        return ()
    return (f"Words of one or two letters only match whole words: {', '.join(short)}.",)


def index_news() -> None:
    """Index new messages of this process's rooms: where there are many, or it has become quiet.

    Search finds messages that are not indexed yet, too. Indexing every message by itself would cost
    more than sending it.
    """
    news = {room_id: seq for room_id, seq in seen_heads().items() if _is_worth_it(room_id, seq)}
    rooms = list(news)
    for start in range(0, len(rooms), ROOMS_AT_A_TIME):
        some = {room_id: news[room_id] for room_id in rooms[start : start + ROOMS_AT_A_TIME]}
        behind = indexer.behind(some)
        _indexed.update({room_id: seq for room_id, seq in some.items() if room_id not in behind})
        for room_id in behind:
            _indexed[room_id] = _index(room_id, some[room_id])


def index_rest() -> None:
    """Index every room that is behind, whichever process wrote there."""
    for room_id in indexer.behind_anywhere():
        _index(room_id)


def reindex() -> Iterator[Progress]:
    """Rebuild every room's index; yield the progress after each step."""
    progress = Progress()
    for room_id in Room.all_ids():
        indexer.forget(room_id)
        try:
            for _ in indexer.index_wholly(room_id):
                progress.steps += 1
                yield progress
        except CannotOpen as error:
            progress.problems.append(str(error))
        progress.rooms += 1
        yield progress


def _is_worth_it(room_id: Id, seq: int) -> bool:
    behind = seq - _indexed.get(room_id, 0)
    if not 0 < behind < MUCH:
        return behind > 0
    head = _last_seen.get(room_id)
    if head is None or head.seq != seq:
        _last_seen[room_id] = SeenHead(seq, time.monotonic())
        return False
    return time.monotonic() - head.seen_at >= QUIET_SECONDS


_last_seen: dict[Id, SeenHead] = {}
_indexed: dict[Id, int] = {}  # room -> the room's index is known to have the entries up to this seq


def _index(room_id: Id, head_seq: int = 0) -> int:
    """Index a room; return the entry up to which it need not be looked at again.

    An error in one room must not hold up the others. Where another process is indexing it, this
    returns where the room was: that process may die of it.
    """
    reached = _indexed.get(room_id, 0)
    try:
        for seq in indexer.index(room_id):
            reached = seq
            socketio.sleep(0)
    except CannotOpen as error:  # the room is being deleted, or damaged
        logger.warning("a room could not be indexed", extra={"reason": str(error)})
        return head_seq
    except DatabaseError:
        raise
    except Exception:
        logger.exception("a room could not be indexed")
        return head_seq
    return reached
