"""`/admin/rooms`: the public rooms, for administrators."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import oversight as verbs
from chat.routes.api.parsing import Blueprint
from chat.routes.responses import json_answer
from chat.schemas.oversight import OwnerInput, SeenRoomsView, SeenRoomView, show_seen_room
from chat.schemas.rooms import BrowseQuery

oversight = Blueprint("oversight", __name__, description="Public rooms, for administrators")


@oversight.get("", name="listRooms", scope="admin")
@oversight.arguments(BrowseQuery, location="query")
@oversight.response(200, SeenRoomsView)
def list_some(query: dict[str, str]) -> Response:
    """List public rooms by name, with their owners

    Archived rooms are not in it. Of private rooms it tells only how many there are.
    """
    page = verbs.page(g.person, **query)
    return json_answer(
        {
            "rooms": [show_seen_room(*each) for each in page.items],
            "private_rooms": verbs.count_private(g.person),
            "next": page.following,
        }
    )


@oversight.put("/<id:room_id>/owner", name="giveRoomOwner", scope="admin")
@oversight.arguments(OwnerInput)
@oversight.response(200, SeenRoomView)
def give_owner(body: dict[str, Any], room_id: str) -> Response:
    """Make a member an owner of a public room that lacks one, or yourself of any

    For others conflict, unless all the room's owners are deactivated. An administrator who is not a
    member joins. Its members see a line about it.
    """
    return json_answer(show_seen_room(*verbs.give_owner(g.person, room_id, body["user_id"])))
