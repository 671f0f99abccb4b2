"""Show what a room is: its name, its topic, who can read it, who created it and when.

Each of a room's details has its own address: about, members, pins, images, settings. A script shows
them in a panel beside the messages (`elements/side_panel.js`).
"""

from __future__ import annotations

from flask import Blueprint, g, render_template

from chat.controllers import rooms
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
