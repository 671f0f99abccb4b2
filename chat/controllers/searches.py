"""Search messages in the rooms that a person is in."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, tzinfo
from functools import partial
from typing import NamedTuple

from chat import extensions
from chat.controllers import search_scope
from chat.controllers.search_scope import Scope
from chat.models.message.bounds import MOST_BYTES
from chat.models.message.place import Place
from chat.models.search.message_search import USUAL_LIMIT, Found, search_messages
from chat.models.search.query import Query, joined_parts, parse
from chat.models.search.query_parts import Part
from chat.models.user import User
from chat.schemas.messages import size_of
from chat.utils.errors import ValidationFailed
from chat.utils.sentences import N_
from chat.utils.translation import _
from chat.utils.turns import Turns

LONGEST_WAIT = 5.0  # seconds that a person's next search waits for its turn
WITHOUT_SIGNS = N_("No message has exactly this punctuation. These messages have the words alone.")

MOST_LOOSENED = 3

_turns = Turns(1, waiting=1, seconds=LONGEST_WAIT)
logger = logging.getLogger(__name__)


class Loosened(NamedTuple):
    """A query that finds more than another one, and the part of that which it lacks."""

    without: Part
    q: str
    is_last: bool  # nothing follows the part


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

    Each person, with their bots, has one search at a time. Raises NotFound, ValidationFailed,
    RateLimited, Unavailable.
    """
    query = Query()
    if q or not (room_id or author):
        query = parsed(person, q, zone)
    place = None
    if before:
        place = Place.parse(before)
        if place is None:
            raise ValidationFailed(fields={"before": _("Use `next` of the page before.")})
    with _turns.turn(person.answerable_id) if extensions.settings().rate_limits else nullcontext():
        scope = search_scope.scope_of(person, query, room_id, author)
        found = _found(query, scope, place, limit, most_bytes)
    return replace(found, notices=(*query.notices, *scope.notices, *found.notices))


def parsed(person: User, q: str, zone: tzinfo = UTC) -> Query:
    """Parse `q`, with the names that this person can search for. Raises ValidationFailed."""
    return parse(q, zone, find_names=partial(search_scope.names_among, person))


def loosened(person: User, q: str, zone: tzinfo = UTC) -> list[Loosened]:
    """Return queries that find more than `q`: each lacks one of its filters or excluded words."""
    return [each for each in _each_left_out(person, q, zone) if each.q][:MOST_LOOSENED]


def filters_of(person: User, q: str, zone: tzinfo = UTC) -> list[Loosened]:
    """Return the filters of `q`, each with the query that lacks it, which may be empty."""
    return [each for each in _each_left_out(person, q, zone) if each.without.name]


def _each_left_out(person: User, q: str, zone: tzinfo) -> list[Loosened]:
    find_names = partial(search_scope.names_among, person)
    parts = joined_parts(q, zone, find_names=find_names).parts
    return [
        Loosened(
            part, " ".join(each.typed for each in parts if each is not part), part is parts[-1]
        )
        for part in parts
        if part.name or part.left_out
    ]


def _found(query: Query, scope: Scope, place: Place | None, limit: int, most_bytes: int) -> Found:
    """Search. If no message has the words with their signs, search for the words without signs."""
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
        return replace(plain, notices=(_(WITHOUT_SIGNS),))
    return plain


def _why_nothing(query: Query) -> tuple[str, ...]:
    short = [phrase.units[0].text for phrase in query.phrases if phrase.is_short]
    if not short:
        return ()
    words = ", ".join(short)
    return (_("Words of one or two letters only match whole words: {words}.", words=words),)
