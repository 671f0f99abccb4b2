"""Show what a room is: its name, its topic, who can read it, who created it and when.

Each of a room's details has its own address: about, members, pins, images, settings. A script shows
them in a panel beside the messages (`elements/side_panel.js`).
"""

from __future__ import annotations

from flask import Blueprint, g, render_template

from chat.controllers import readers, rooms
from chat.schemas.readers import show_readers
from chat.schemas.rooms import show_room
from chat.schemas.users import show_user

details = Blueprint("details", __name__)


@details.get("/rooms/<room_id>/about")
def about(room_id: str) -> str:
    mine = rooms.show(g.person, room_id)
    creator = rooms.creator_of(mine)
    return render_template(
        "rooms/about.html",
        room=show_room(mine),
        may=mine.may,
        creator=creator and show_user(creator),
    )


@details.get("/rooms/<room_id>/readers")
def list_readers(room_id: str) -> str:
    mine = rooms.show(g.person, room_id)
    return render_template(
        "rooms/readers.html",
        room=show_room(mine),
        may=mine.may,
        readers=show_readers(*readers.of(g.person, room_id)),
    )
