"""Show the messages that mention a person."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from flask import Blueprint, g, render_template

from chat.controllers import mentions as verbs
from chat.controllers import rooms
from chat.models.message.bounds import FEW_BYTES
from chat.routes.pages.forms import read_query
from chat.routes.pages.messages import FREQUENT_EMOJI, allowed_to, names_in
from chat.schemas.message_inputs import MentionsQuery
from chat.schemas.messages import show_messages
from chat.schemas.rooms import show_rooms

mentions = Blueprint("mentions", __name__)


@mentions.get("/mentions")
def list_mine() -> str:
    found = show_messages(
        *verbs.list_of(g.person, **read_query(MentionsQuery), most_bytes=FEW_BYTES)
    )
    room_ids = {message["room_id"] for message in found["messages"]}
    mine = rooms.memberships_of(g.person, room_ids)
    return render_template(
        "mentions.html",
        in_rooms=[
            (room_id, list(messages))
            for room_id, messages in groupby(found["messages"], itemgetter("room_id"))
        ],
        following=found["next"],
        rooms={room["id"]: room for room in show_rooms(mine)},
        read={str(each.room.id): reading.read_seq for each, reading in rooms.with_readings(mine)},
        allowed_in={str(each.room.id): allowed_to(each) for each in mine},
        frequent_emoji=FREQUENT_EMOJI,
        names=names_in(found["messages"]),
    )
