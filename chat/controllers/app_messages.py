"""Post what an app says in a room: a webhook, a command of a program, a reminder."""

from __future__ import annotations

from collections.abc import Callable

from chat import extensions
from chat.controllers import broadcasts
from chat.models import figures
from chat.models.app_account import App, app_account
from chat.models.message import Message
from chat.models.peers import active_rooms
from chat.models.room import Room
from chat.models.user import User


def post(
    room: Room,
    app: App,
    client_id: str,
    body: str,
    charge: Callable[[int], None],
    asked_by: User | None = None,
) -> tuple[Message, bool]:
    """Post a clean text, once per client_id. Return the message, and whether it is new.

    `charge`: gets the bytes, and may raise. `asked_by`: whose command made the app write, or
    who made the webhook; people who block them are not named. Raises Conflict, Unavailable.
    """
    active_rooms.mark(room.id, for_others=bool(extensions.settings().redis_url))
    message, is_new = Message.post(
        room.id, app_account(), client_id, body, charge=charge, app=app, asked_by=asked_by
    )
    if is_new:
        figures.note_message()
    broadcasts.message_posted(message)
    return message, is_new
