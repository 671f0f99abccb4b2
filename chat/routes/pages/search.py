"""Finding what was said, as a page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template

from chat.controllers import rooms, searches
from chat.routes.pages.forms import read_query
from chat.schemas.messages import show_message
from chat.schemas.rooms import show_room
from chat.schemas.search import LONGEST_QUERY, SearchQuery, show_found
from chat.utils.errors import ChatError

LEAD, LONGEST_EXCERPT = 80, 400  # characters shown before the first highlight, and in all

search = Blueprint("search", __name__)


@search.get("/search")
def find() -> str | tuple[str, int]:
    query: dict[str, Any] = {"q": ""}
    found: dict[str, Any] = {"results": [], "next": None}
    mistake: ChatError | None = None
    try:
        query = read_query(SearchQuery)
        if query["q"]:
            found = show_found(searches.search(g.person, **query), show_message)
    except ChatError as error:
        mistake = error
    names = {str(membership.room.id): show_room(membership) for membership, _ in rooms.mine(g.person)} if found["results"] else {}
    page = render_template(
        "search.html", q=query["q"], longest=LONGEST_QUERY, following=found["next"], mistake=mistake,
        results=[{**result, "room": names[result["message"]["room_id"]], "excerpt": excerpt(**result)} for result in found["results"]],
    )
    return (page, mistake.status) if mistake else page


def excerpt(message: dict[str, Any], highlights: list[list[int]]) -> list[tuple[str, bool]]:
    """The part of a message around what was found: pieces of text, and whether each is to be marked."""
    body = message["body"]
    start = max(0, highlights[0][0] - LEAD) if highlights else 0
    end = min(len(body), start + LONGEST_EXCERPT)
    pieces, at = [("… " if start else "", False)], start
    for low, high in highlights:
        if high <= end:
            pieces += [(body[at:low], False), (body[low:high], True)]
            at = high
    return [*pieces, (body[at:end] + (" …" if end < len(body) else ""), False)]
