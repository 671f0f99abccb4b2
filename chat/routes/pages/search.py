"""Search messages, as a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, g, render_template, request

from chat.controllers import rooms, searches
from chat.models.search.message_search import MOST_HIGHLIGHTS
from chat.models.search.query import Query
from chat.routes.pages.forms import read_query
from chat.schemas.messages import show_message
from chat.schemas.rooms import show_rooms
from chat.schemas.search import LONGEST_QUERY, SearchPageQuery, show_found
from chat.utils.errors import ChatError
from chat.utils.plain_text import plain_text

LEAD = 80  # shown before the first highlight
LONGEST_EXCERPT = 400  # shown in total

_SPACES = re.compile(r"\s+")

search = Blueprint("search", __name__)


@search.get("/search")
def find() -> str | tuple[str, int]:
    query: dict[str, Any] = {"q": ""}
    found: dict[str, Any] = {"results": [], "next": None}
    mistake: ChatError | None = None
    try:
        query = read_query(SearchPageQuery)
        if query["q"]:
            found = show_found(searches.search(g.person, **query), show_message)
    except ChatError as error:
        mistake = error
    room_ids = {result["message"]["room_id"] for result in found["results"]}
    names = {room["id"]: room for room in show_rooms(rooms.memberships_of(g.person, room_ids))}
    asked = Query()
    if found["results"]:
        asked = replace(searches.parsed(g.person, query["q"]), without=())
    page = render_template(
        "search.html",
        q=query["q"],
        tz=request.args.get("tz", ""),
        longest=LONGEST_QUERY,
        following=found["next"],
        mistake=mistake,
        notices=found.get("notices", ()),
        results=[
            {
                **result,
                "room": names[result["message"]["room_id"]],
                "excerpt": excerpt(asked, **result),
            }
            for result in found["results"]
            if result["message"]["room_id"] in names
        ],
    )
    if mistake:
        return page, mistake.status
    return page


def excerpt(
    query: Query, message: dict[str, Any], highlights: list[list[int]]
) -> list[tuple[str, bool]]:
    """Return the part of a message around a match, in pieces, and whether each is highlighted.

    The text is the one that a reader sees. If that lacks the match (an address behind a word),
    the text is the one that the author typed.
    """
    body = plain_text(message["body_html"])
    if body and (spans := query.spans(body) or query.plainly().spans(body)) is not None:
        return _around(body, spans[:MOST_HIGHLIGHTS])
    return _around(message["body"], highlights)


def _around(body: str, highlights: Sequence[Sequence[int]]) -> list[tuple[str, bool]]:
    """Return the pieces of a text around the highlights, and whether each is highlighted.

    Pieces begin and end between words, unless a word is longer than the excerpt may be.
    """
    start = _begin(body, highlights[0][0]) if highlights else 0
    marks = [mark for mark in highlights if mark[1] <= start + LONGEST_EXCERPT]
    end = _end(body, marks[-1][1] if marks else start, start + LONGEST_EXCERPT)
    pieces = [("… " if start else "", False)]
    at = start
    for low, high in marks:
        pieces += [(body[at:low], False), (body[low:high], True)]
        at = high
    return [*pieces, (body[at:end] + (" …" if end < len(body) else ""), False)]


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
