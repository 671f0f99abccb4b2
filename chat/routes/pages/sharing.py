"""Take what other apps share with an installed chat, and ask where it goes (decision 49).

Usually a service worker takes it, and keeps it on the device. Without one it comes here: the text
then waits in a cookie of this address alone. The chat stores nothing of it.
"""

from __future__ import annotations

import base64
from typing import Any

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import direct_rooms, people, rooms
from chat.models.user import User
from chat.routes import cookies
from chat.routes.pages.forms import load, read_query
from chat.routes.pages.room_page import room_page
from chat.schemas.rooms import DirectRoomInput, show_room_items
from chat.schemas.sharing import ShareQuery
from chat.schemas.users import show_user
from chat.utils.shared_text import joined

ADDRESS = "/share"
WAITS_SECONDS = 15 * 60
MOST_BYTES = 2_800  # of a text; a cookie has 4,096 characters at most

sharing = Blueprint("sharing", __name__)
receiving = Blueprint("receiving", __name__)


@receiving.post(ADDRESS)
def receive() -> AnyResponse:
    """Let the browser keep the text, and show where it can go.

    No token can come with it, so anybody's page may send this. It changes nothing but a text that
    its person reads before they send it.
    """
    left_out = ""
    try:
        text = joined(*(request.form.get(name, "") for name in ("title", "text", "url")))
        if any(file.filename for file in request.files.values()):
            left_out = "pictures"
    except RequestEntityTooLarge:
        text, left_out = "", "all"
    if len(text.encode(errors="replace")) > MOST_BYTES:
        text, left_out = "", "all" if left_out else "text"
    response = redirect(url_for("pages.sharing.ask", left_out=left_out or None), 303)
    value = base64.urlsafe_b64encode(text.encode(errors="replace")).decode()
    cookies.store(response, cookies.SHARED, value, WAITS_SECONDS, ADDRESS)
    return response


@sharing.get(ADDRESS)
def ask() -> str:
    """Show the rooms and people that it may go to, the last used first."""
    query = read_query(ShareQuery)
    q = query["q"]
    page = rooms.named(g.person, q) if q else rooms.mine(g.person)
    items = show_room_items(item for item in page.items if item[0].may("post"))
    return render_template(
        "share.html",
        **query,
        text="" if query["shared"] else _text_of_cookie(),
        items=items,
        found=[show_user(user) for user in _people(q, items)] if q else [],
    )


@sharing.post("/rooms/<room_id>/share")
def write_in_room(room_id: str) -> AnyResponse:
    """Show a room with the text in its composer, where the person sends it. Raises NotFound.

    Whoever reloads the page gets the room.
    """
    response = make_response(room_page(room_id))
    cookies.remove(response, cookies.SHARED, ADDRESS)
    return response


@sharing.post(f"{ADDRESS}/people/<user_id>")
def write_to_person(user_id: str) -> AnyResponse:
    """Likewise the direct room with somebody, who sees nothing of it before a message."""
    body = load(DirectRoomInput, {"user_ids": [user_id]})
    room = direct_rooms.open_direct(g.person, body["user_ids"]).membership.room
    return write_in_room(str(room.id))


def _people(q: str, items: list[dict[str, Any]]) -> list[User]:
    """Return whose name begins so, without those whose direct room is among the items."""
    there = {tuple(item["room"]["user_ids"]) for item in items}
    return [user for user in people.search(q) if (str(user.id),) not in there]


def _text_of_cookie() -> str:
    """Return what `receive` let the browser keep; empty if that is nothing of ours."""
    try:
        return base64.urlsafe_b64decode(cookies.value_of(cookies.SHARED)).decode()
    except ValueError:
        return ""
