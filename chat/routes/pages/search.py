"""Search messages, as a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, g, render_template, request

from chat.controllers import rooms, searches
from chat.models.search.message_search import MOST_HIGHLIGHTS
from chat.models.search.query import Query, parse
from chat.routes.pages.forms import read_query
from chat.schemas.messages import show_message
from chat.schemas.rooms import show_rooms
from chat.schemas.search import LONGEST_QUERY, SearchPageQuery, show_found
from chat.utils.errors import ChatError
from chat.utils.plain_text import plain_text

LEAD = 80  # characters shown before the first highlight
LONGEST_EXCERPT = 400  # characters shown in all

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
    asked = replace(parse(query["q"]), without=()) if found["results"] else Query()
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
    """Return the part of a message around a match: pieces, and whether each is marked.

    The text is what a reader sees. Where that lacks the match (an address behind a word), it is
    what the author typed.
    """
    body = plain_text(message["body_html"])
    if body and (spans := query.spans(body) or query.plainly().spans(body)) is not None:
        return _around(body, spans[:MOST_HIGHLIGHTS])
    return _around(message["body"], highlights)


def _around(body: str, highlights: Sequence[Sequence[int]]) -> list[tuple[str, bool]]:
    """Return the pieces of a text around the highlights, and whether each is marked."""
    start = max(0, highlights[0][0] - LEAD) if highlights else 0
    end = min(len(body), start + LONGEST_EXCERPT)
    pieces = [("… " if start else "", False)]
    at = start
    for low, high in highlights:
        if high <= end:
            pieces += [(body[at:low], False), (body[low:high], True)]
            at = high
    return [*pieces, (body[at:end] + (" …" if end < len(body) else ""), False)]
