"""What the notifications of a message cost where nobody wants more than mentions."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask

from chat.controllers import messages
from chat.controllers.broadcasts.notifications import notify_in_background, notify_of
from chat.extensions import socketio
from chat.models.document import id_from, new_id
from chat.models.membership import Membership
from chat.models.room import Room
from chat.schemas.messages import show_message
from config import Settings
from tests.helpers.commands import counted, listen
from tests.helpers.rooms import make_room
from tests.helpers.servers import wait_until


def test_a_message_costs_no_query_until_somebody_wants_more_than_mentions(
    app: Flask, settings: Settings
) -> None:
    listen(settings)
    room, people = make_room("alice", "bob")
    said, _ = messages.post(
        people["alice"], str(room.id), body="hello", client_id=secrets.token_hex(4), image_ids=[]
    )
    shown = show_message(said)
    notify_of(shown)  # this process learns what people want
    # What the message itself started may still ask.
    wait_until(lambda: asked_about(shown) == [], "it costs no query")
    mine = Membership.find(room.id, people["bob"].id)
    assert mine
    mine.change_notifications("all")
    assert "find" in asked_about(shown)


def asked_about(message: dict[str, Any]) -> list[str]:
    """Return the commands to the database that notifying people of a message takes."""
    Room.forget(id_from(message["room_id"]) or new_id())  # whoever looks people up begins with it
    with counted("rooms", "memberships", "users", "blocks") as commands:
        notify_in_background(message)
        socketio.sleep(0.1)
    return commands
