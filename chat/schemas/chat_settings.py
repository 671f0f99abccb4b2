"""Define the input and the views of the settings of the whole chat."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from marshmallow import fields

from chat.models.chat_settings import ChatSettings
from chat.models.retention import LONGEST_DAYS
from chat.models.room import Room
from chat.schemas.base import Input, View
from chat.schemas.fields import ListOf, ObjectIdString, OneOf, StrictBoolean, StrictInteger
from chat.schemas.retention import DAYS
from chat.schemas.rooms import NamedRoomView, show_named_room
from chat.schemas.text_fields import Line, Name
from chat.utils.configuration.chat_name import LONGEST
from chat.utils.sentences import Later

ICON = "an address that changes with each icon; add ?size= of 64, 192 (the default) or 512"
FIXED = "the settings that the operator set by environment variables, which nobody changes here"


MOST_DEFAULT_ROOMS = 20
LONGEST_CONTACT = 200
CONTACT = "how people who are not signed in reach the administrators; may be empty"
SECOND_FACTOR = ("optional", "administrators")
PINNED = "whether pinned messages stay at any age"


class ChatSettingsInput(Input):
    name = Name(1, LONGEST)
    contact = Line(0, LONGEST_CONTACT, metadata={"description": CONTACT})
    default_room_ids = ListOf(
        ObjectIdString(),
        0,
        MOST_DEFAULT_ROOMS,
        error=Later("Name at most {most} rooms.", most=MOST_DEFAULT_ROOMS),
        metadata={"description": "public rooms that everybody joins who gets an account"},
    )
    hides_first_steps = StrictBoolean(
        metadata={"description": "whether the list of first steps is put away"}
    )
    second_factor = OneOf(
        SECOND_FACTOR, metadata={"description": "who has to turn on a second factor"}
    )
    retention_days = StrictInteger(0, LONGEST_DAYS, metadata={"description": DAYS})
    keeps_pinned = StrictBoolean(metadata={"description": PINNED})


class ChatView(View):
    """What everybody may know of the chat."""

    name = fields.String(required=True)
    icon_url = fields.String(
        required=True, allow_none=True, metadata={"description": f"a PNG at {ICON}"}
    )
    contact = fields.String(required=True, metadata={"description": CONTACT})


class ChatSettingsView(ChatView):
    default_rooms = fields.List(fields.Nested(NamedRoomView), required=True)
    hides_first_steps = fields.Boolean(required=True)
    second_factor = fields.String(required=True, metadata={"enum": list(SECOND_FACTOR)})
    retention_days = fields.Integer(required=True, metadata={"description": DAYS})
    keeps_pinned = fields.Boolean(required=True, metadata={"description": PINNED})
    fixed = fields.List(fields.String(), required=True, metadata={"description": FIXED})


def show_chat(settings: ChatSettings) -> dict[str, Any]:
    """Return a ChatView."""
    icon_id = settings.icon_id
    return {
        "name": settings.name,
        "icon_url": f"/icon/{icon_id}" if icon_id else None,
        "contact": settings.contact,
    }


def show_chat_settings(
    settings: ChatSettings, default_rooms: Iterable[Room], fixed: Collection[str]
) -> dict[str, Any]:
    """Return a ChatSettingsView."""
    return show_chat(settings) | {
        "default_rooms": [show_named_room(room) for room in default_rooms],
        "hides_first_steps": settings.hides_first_steps,
        "second_factor": settings.second_factor,
        "retention_days": settings.retention_days,
        "keeps_pinned": settings.keeps_pinned,
        "fixed": sorted(fixed),
    }
