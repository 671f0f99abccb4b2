"""Arrange what a search found: by day, with what was said just before and after."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from flask import g

from chat.controllers import message_pages, rooms
from chat.models.message import OpenMessage
from chat.models.message.paged import Beside
from chat.models.search.message_search import MOST_HIGHLIGHTS
from chat.models.search.query import Query
from chat.routes.pages.times import is_same_day
from chat.schemas.messages import show_message
from chat.schemas.rooms import show_rooms
from chat.utils.errors import NotFound
from chat.utils.plain_text import Range, plain_text_and_code

LEAD = 80  # shown before the first highlight
LONGEST_EXCERPT = 400  # shown in total

_SPACES = re.compile(r"\s+")

Shown = dict[str, Any]


class Piece(NamedTuple):
    """A piece of an excerpt."""

    text: str
    is_found: bool = False
    is_code: bool = False


def arranged(query: Query, results: list[Shown]) -> list[Shown]:
    """Return the results for the page, in the rooms that the person is still in.

    Each has its room, its excerpt, whether it begins a day, and the messages before and after it,
    unless they are results themselves.
    """
    room_ids = {result["message"]["room_id"] for result in results}
    names = {room["id"]: room for room in show_rooms(rooms.memberships_of(g.person, room_ids))}
    found = [result["message"] for result in results if result["message"]["room_id"] in names]
    beside = _beside(found)
    shown: list[Shown] = []
    for result in results:
        message = result["message"]
        if message["room_id"] not in names:
            continue
        above = shown[-1]["message"]["created_at"] if shown else None
        before, after = beside[message["id"]]
        shown.append(
            {
                **result,
                "room": names[message["room_id"]],
                "excerpt": excerpt(query, **result),
                "begins_day": above is None or not is_same_day(above, message["created_at"]),
                "before": before,
                "after": after,
            }
        )
    return shown


def _beside(found: list[Shown]) -> dict[str, tuple[Shown | None, Shown | None]]:
    """Return the MessageViews before and after each message; None for what is not to be shown."""
    ids = {message["id"] for message in found}
    by_room: dict[str, list[Shown]] = defaultdict(list)
    for message in found:
        by_room[message["room_id"]].append(message)
    shown: dict[str, tuple[Shown | None, Shown | None]] = {}
    for room_id, of_room in by_room.items():
        pairs = _pairs(room_id, [message["seq"] for message in of_room])
        for message in of_room:
            before, after = pairs.get(message["seq"], (None, None))
            shown[message["id"]] = _context(before, ids), _context(after, ids)
    return shown


def _pairs(room_id: str, seqs: list[int]) -> dict[int, Beside]:
    try:
        return message_pages.beside(g.person, room_id, seqs)
    except NotFound:  # the person has left the room meanwhile
        return {}


def _context(message: OpenMessage | None, ids: set[str]) -> Shown | None:
    if message is None or message.deleted_at or str(message.id) in ids:
        return None
    return show_message(message)


def excerpt(query: Query, message: dict[str, Any], highlights: list[list[int]]) -> list[Piece]:
    """Return the part of a message around a match, in pieces.

    The text is the one that a reader sees. If that lacks the match (an address behind a word),
    the text is the one that the author typed.
    """
    body, code = plain_text_and_code(message["body_html"])
    if body and (spans := query.spans(body) or query.plainly().spans(body)) is not None:
        return _around(body, spans[:MOST_HIGHLIGHTS], code)
    return _around(message["body"], highlights)


def _around(
    body: str, highlights: Sequence[Sequence[int]], code: Sequence[Range] = ()
) -> list[Piece]:
    """Return the pieces of a text around the highlights.

    The excerpt begins and ends between words, unless a word is longer than it may be.
    """
    start = _begin(body, highlights[0][0]) if highlights else 0
    marks = [mark for mark in highlights if mark[1] <= start + LONGEST_EXCERPT]
    end = _end(body, marks[-1][1] if marks else start, start + LONGEST_EXCERPT)
    inner = {at for low, high in [*marks, *code] for at in (low, high) if start < at < end}
    pieces = [
        Piece(body[low:high], _is_within(low, marks), _is_within(low, code))
        for low, high in pairwise(sorted(inner | {start, end}))
    ]
    before = [Piece("… ")] if start else []
    return [*before, *pieces, *([Piece(" …")] if end < len(body) else [])]


def _is_within(at: int, ranges: Sequence[Sequence[int]]) -> bool:
    return any(low <= at < high for low, high in ranges)


def _begin(body: str, mark: int) -> int:
    """Return the beginning of a word at most LEAD characters before `mark`."""
    start = mark - LEAD
    if start <= 0:
        return 0
    space = _SPACES.search(body, start - 1, mark)
    return space.end() if space else start


def _end(body: str, shown: int, most: int) -> int:
    """Return the end of a word between `shown` and `most`."""
    if most >= len(body):
        return len(body)
    spaces = list(_SPACES.finditer(body, shown, most + 1))
    return spaces[-1].start() if spaces else most
