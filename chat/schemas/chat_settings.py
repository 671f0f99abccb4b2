"""Define the input and the views of the settings of the whole chat."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from marshmallow import fields

from chat.models.chat_settings import ChatSettings
from chat.schemas.base import Input, View
from chat.schemas.text_fields import Name
from chat.utils.configuration.chat_name import LONGEST

ICON = "an address that changes with each icon; add ?size= of 64, 192 (the default) or 512"
FIXED = "the settings that the operator set by environment variables, which nobody changes here"


class ChatSettingsInput(Input):
    name = Name(1, LONGEST)


class ChatView(View):
    """What everybody may know of the chat."""

    name = fields.String(required=True)
    icon_url = fields.String(
        required=True, allow_none=True, metadata={"description": f"a PNG at {ICON}"}
    )


class ChatSettingsView(ChatView):
    fixed = fields.List(fields.String(), required=True, metadata={"description": FIXED})


def show_chat(settings: ChatSettings) -> dict[str, Any]:
    """Return a ChatView."""
    icon_id = settings.icon_id
    return {"name": settings.name, "icon_url": f"/icon/{icon_id}" if icon_id else None}


def show_chat_settings(settings: ChatSettings, fixed: Collection[str]) -> dict[str, Any]:
    """Return a ChatSettingsView."""
    return show_chat(settings) | {"fixed": sorted(fixed)}
