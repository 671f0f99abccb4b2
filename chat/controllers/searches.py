"""Finding what was said, in the rooms that one is in."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field

from chat import extensions
from chat.controllers import access
from chat.extensions import socketio
from chat.models.database import DatabaseError
from chat.models.document import Id, id_from
from chat.models.log import known_heads
from chat.models.membership import Membership
from chat.models.message import Message, indexing
from chat.models.message.bounds import MOST_BYTES
from chat.models.message.place import Place
from chat.models.message.searchable import USUAL_LIMIT, Found
from chat.models.room import Room
from chat.models.user import User
from chat.schemas.messages import size_of
from chat.utils.encryption import CannotOpen
from chat.utils.errors import ValidationFailed
from chat.utils.search_query import Query, parse
from chat.utils.turns import Turns

MUCH = 200             # entries that are worth a round of indexing
QUIET_SECONDS = 4.0    # after which fewer are, too
ROOMS_AT_A_TIME = 500
LONGEST_WAIT = 5.0     # seconds for the turn of a person's next search

_turns = Turns(1, waiting=1, seconds=LONGEST_WAIT)
logger = logging.getLogger(__name__)


@dataclass
class Progress:
    rooms: int = 0
    steps: int = 0
    problems: list[str] = field(default_factory=list)


def search(
    person: User, *, q: str, room_id: str | None = None, author: str | None = None, before: str | None = None, limit: int = USUAL_LIMIT,
    most_bytes: int = MOST_BYTES,
) -> Found:
    """Return the newest messages that fit, of all rooms the person is in or of one; one search at a time of each person.

    Raises NotFound, ValidationFailed, RateLimited, Unavailable.
    """
    query = parse(q) if q or not (room_id or author) else Query()
    place = Place.parse(before) if before else None
    if before and not place:
        raise ValidationFailed(fields={"before": "`next` of the page before is needed."})
    with _turns.turn(person.id) if extensions.settings().rate_limits else nullcontext():
        rooms = _rooms(person, query, room_id)
        authors = _authors(person, query, author)
        if authors == set():
            return Found([], None)
        return Message.search(query, rooms, authors, before=place, limit=limit, size=size_of, most_bytes=most_bytes)


def index_news() -> None:
    """Follows what was said in the rooms that this process has to do with: where there is much of it, or where it has become quiet.

    What is not indexed yet is found all the same; to index every message by itself would cost more than to send it.
    """
    heads = {room_id: max(seq, _last_seen.get(room_id, (0, 0.0))[0]) for room_id, seq in known_heads().items()}  # some are forgotten
    news = {room_id: seq for room_id, seq in heads.items() if _is_worth_it(room_id, seq)}
    rooms = list(news)
    for start in range(0, len(rooms), ROOMS_AT_A_TIME):
        some = {room_id: news[room_id] for room_id in rooms[start : start + ROOMS_AT_A_TIME]}
        behind = indexing.behind(some)
        _indexed.update({room_id: seq for room_id, seq in some.items() if room_id not in behind})
        for room_id in behind:
            _indexed[room_id] = _index(room_id, some[room_id])


def index_rest() -> None:
    """Looks at every room, whoever wrote there."""
    for room_id in indexing.behind_anywhere():
        _index(room_id)


def reindex() -> Iterator[Progress]:
    """Makes every room's index anew; how far that is, after each step."""
    progress = Progress()
    for room_id in Room.all_ids():
        indexing.forget(room_id)
        try:
            for _ in indexing.index_wholly(room_id):
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
    known, since = _last_seen.get(room_id, (0, 0.0))
    if known != seq:
        _last_seen[room_id] = (seq, time.monotonic())
        return False
    return time.monotonic() - since >= QUIET_SECONDS


_last_seen: dict[Id, tuple[int, float]] = {}  # a room's head, and since when it is that
_indexed: dict[Id, int] = {}  # the entries up to it are known to be in the room's index


def _index(room_id: Id, head_seq: int = 0) -> int:
    """Up to which entry the room need not be looked at again; what is wrong with one room must not hold up the others.

    Where another process is at it that is where it was: that one may die of it.
    """
    reached = _indexed.get(room_id, 0)
    try:
        for seq in indexing.index(room_id):
            reached = seq
            socketio.sleep(0)
    except CannotOpen as error:  # it is being deleted, or damaged
        logger.warning("a room could not be indexed", extra={"reason": str(error)})
        return head_seq
    except DatabaseError:
        raise
    except Exception:
        logger.exception("a room could not be indexed")
        return head_seq
    return reached


def _rooms(person: User, query: Query, room_id: str | None) -> list[Id]:
    one = access.membership(person, room_id).must("read") if room_id else None
    mine = [one] if one else Membership.of_hidden_too(person.id)
    names = {name.casefold() for name in query.rooms}
    return [
        each.room.id for each in mine
        if each.may("read") and (not names or names & {str(each.room.id), each.room.name.casefold()})
    ]


def _authors(person: User, query: Query, author: str | None) -> set[Id] | None:
    """None: anybody; nobody, where a name is unknown."""
    if not query.authors and not author:
        return None
    asked = [names for names in (query.authors, (author,) if author else ()) if names]
    return set.intersection(*({found for name in names if (found := _author(person, name))} for names in asked))


def _author(person: User, name: str) -> Id | None:
    if name == "me":
        return person.id
    found_id = id_from(name)
    user = (User.find(found_id) if found_id else None) or User.find_by_username(name)
    return user.id if user else None
