"""Search messages, as a page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import searches
from chat.controllers.names_found import names_found
from chat.models.search.query import Query
from chat.routes.pages.forms import read_query, refuse
from chat.routes.pages.search_results import arranged
from chat.routes.pages.times import reader
from chat.schemas.messages import show_message
from chat.schemas.rooms import show_browsed_rooms
from chat.schemas.search import LONGEST_QUERY, SearchPageQuery, show_found
from chat.schemas.users import show_titled
from chat.utils.errors import ChatError
from chat.utils.translation import _

search = Blueprint("search", __name__)

OF_THE_PAGE = {"since", "until", "seen"}  # what the search itself does not take


@search.get("/search")
def find() -> str | AnyResponse:
    """Show what a search finds. Chosen days become a part of the query."""
    query: dict[str, Any] = {"q": "", "seen": 0}
    found: dict[str, Any] = {"results": [], "next": None}
    mistake: ChatError | None = None
    try:
        query = read_query(SearchPageQuery)
        if query["since"] or query["until"]:
            return redirect(_with_days(query))
        if query["q"]:
            asked_for = {each: query[each] for each in query.keys() - OF_THE_PAGE}
            found = show_found(searches.search(g.person, **asked_for), show_message)
    except ChatError as error:
        mistake = error
    q = query["q"]
    asked, loosened = Query(), []
    if found["results"]:
        asked = replace(searches.parsed(g.person, q), without=())
    elif q and not mistake:
        loosened = searches.loosened(g.person, q, query["zone"])
    is_first_page = not mistake and "before" not in query
    page = render_template(
        "search.html",
        q=q,
        seen=query["seen"],
        tz=request.args.get("tz", ""),
        longest=LONGEST_QUERY,
        following=found["next"],
        mistake=mistake,
        notices=found.get("notices", ()),
        results=arranged(asked, found["results"]),
        loosened=loosened,
        **_named(q if is_first_page else ""),
        filters=searches.filters_of(g.person, q, query["zone"]) if q else [],
        days=_days(),
    )
    if mistake:
        return refuse(page, mistake)
    return page


def _named(q: str) -> dict[str, Any]:
    """Return RoomViews and UserViews of what a search names; none for an empty one."""
    named = names_found(g.person, q)
    return {
        "rooms_named": show_browsed_rooms(named.rooms),
        "people_named": [show_titled(user) for user in named.people],
    }


def _with_days(query: dict[str, Any]) -> str:
    """Return the address of the same search from one day until another."""
    parts = [query["q"]]
    if since := query["since"]:
        parts.append(f"after:{since}")
    if (until := query["until"]) and until < date.max:
        parts.append(f"before:{until + timedelta(days=1)}")
    q = " ".join(filter(None, parts))
    return url_for("pages.search.find", q=q, tz=request.args.get("tz") or None)


def _days() -> list[tuple[str, str]]:
    """Return days to choose from: what a query says, and what a person reads."""
    today = reader().today
    return [
        ("on:today", _("Today")),
        ("on:yesterday", _("Yesterday")),
        (f"after:{today - timedelta(days=6)}", _("Last 7 days")),
        (f"after:{today - timedelta(days=29)}", _("Last 30 days")),
        (f"on:{today.year}", _("This year")),
    ]
