"""Name the chat that a command found, so that an operator recognises it."""

from __future__ import annotations

from chat import extensions
from chat.models.account_list import count_people
from chat.models.database import database
from chat.models.log import log_of
from chat.models.room import Room
from chat.routes.cli.answer import amount

MOST_COUNTED = 1_000  # rooms whose messages are counted


def which_chat() -> str:
    """Return where a chat's data is, and how much there is of it."""
    room_ids = Room.all_ids()
    amounts = [amount(count_people(), "person", "people"), amount(len(room_ids), "room", "rooms")]
    if len(room_ids) <= MOST_COUNTED:
        messages = sum(log_of(room_id).head().ordinal for room_id in room_ids)
        amounts.append(amount(messages, "message", "messages"))
    return f"{place()}: {', '.join(amounts)}"


def place() -> str:
    """Return where a chat's data is."""
    if database.embedded:
        return str(extensions.settings().data_dir)
    return f"the database {database.name} of {database.address}"
