"""Choose favourite rooms."""

from __future__ import annotations

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import favourites as verbs
from chat.routes.pages.forms import own_path

favourites = Blueprint("favourites", __name__)


@favourites.post("/rooms/<room_id>/favourite")
def add(room_id: str) -> AnyResponse:
    verbs.add(g.person, room_id)
    return _back(room_id)


@favourites.post("/rooms/<room_id>/unfavourite")
def remove(room_id: str) -> AnyResponse:
    verbs.remove(g.person, room_id)
    return _back(room_id)


def _back(room_id: str) -> AnyResponse:
    """Redirect to the page that contained the button."""
    room = url_for("pages.rooms.show", room_id=room_id)
    return redirect(own_path(request.form.get("next"), room), 303)
