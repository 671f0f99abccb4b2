"""Open direct rooms from the list of people; hide and show them again."""

from __future__ import annotations

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import direct_rooms as verbs
from chat.routes.pages.forms import load
from chat.schemas.rooms import DirectRoomInput

direct_rooms = Blueprint("direct_rooms", __name__)


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
