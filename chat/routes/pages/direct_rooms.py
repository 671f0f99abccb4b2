"""Choose whom to write to, and open direct rooms; hide and show them again."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import direct_rooms as verbs
from chat.controllers import people
from chat.routes.pages.forms import load, read_query
from chat.schemas.people_pages import MOST_CHOSEN, NewMessageQuery
from chat.schemas.rooms import DirectRoomInput
from chat.schemas.users import show_titled, show_user

direct_rooms = Blueprint("direct_rooms", __name__)


@direct_rooms.get("/direct-rooms/new")
def new() -> str:
    """Find people to write to, one or several, and oneself."""
    query = read_query(NewMessageQuery)
    chosen = [user for user in people.chosen(query["people"]) if user.id != g.person.id]
    passed = {g.person.id, *(user.id for user in chosen)}
    found = people.search(query["q"])
    return render_template(
        "new_message.html",
        q=query["q"],
        chosen=[show_user(user) for user in chosen],
        names={str(user.id): user.label for user in chosen},
        may_choose_more=len(chosen) < MOST_CHOSEN,
        shows_me=not chosen and any(user.id == g.person.id for user in found),
        found=[show_titled(user) for user in found if user.id not in passed],
    )


@direct_rooms.post("/direct-rooms")
def open_direct() -> AnyResponse:
    body = load(DirectRoomInput, {"user_ids": request.form.getlist("user_ids")})
    membership = verbs.open_direct(g.person, body["user_ids"]).membership
    return redirect(url_for("pages.rooms.show", room_id=membership.room.id), 303)


@direct_rooms.post("/rooms/<room_id>/hide")
def hide(room_id: str) -> AnyResponse:
    verbs.hide(g.person, room_id)
    return redirect(url_for("pages.rooms.list_mine"), 303)


@direct_rooms.post("/rooms/<room_id>/show-again")
def show_again(room_id: str) -> AnyResponse:
    verbs.show_again(g.person, room_id)
    return redirect(url_for("pages.rooms.show", room_id=room_id), 303)
