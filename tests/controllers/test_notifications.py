"""What the notifications of a message cost where nobody wants more than mentions."""

from __future__ import annotations

import secrets
import time

from flask import Flask

from chat.controllers import messages
from chat.controllers.broadcasts.notifications import notify_in_background, notify_of
from chat.models.membership import Membership
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
    with counted() as commands:
        notify_in_background(shown)
        time.sleep(0.1)
    assert commands == []
    mine = Membership.find(room.id, people["bob"].id)
    assert mine
    mine.change_notifications("all")
    with counted() as commands:
        notify_in_background(shown)
        wait_until(lambda: "find" in commands, "somebody is looked for")
