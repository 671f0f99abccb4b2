"""`/admin`: the whole chat, for its administrators."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import chat_settings, current_chat, default_rooms
from chat.models.chat_settings import ChatSettings
from chat.routes.api.parsing import Blueprint, multipart, sent_fields, sent_picture
from chat.routes.responses import json_answer
from chat.routes.visitors import has_hung_up
from chat.schemas.base import Input
from chat.schemas.chat_settings import ChatSettingsInput, ChatSettingsView, show_chat_settings

admin = Blueprint("admin", __name__, description="The whole chat, for its administrators")


@admin.get("/settings", name="getChatSettings", scope="admin")
@admin.response(200, ChatSettingsView)
def show() -> Response:
    """Get the settings of the chat"""
    return _answer(chat_settings.show(g.person))


@admin.patch("/settings", name="changeChatSettings", scope="admin")
@admin.arguments(ChatSettingsInput)
@admin.response(200, ChatSettingsView)
def change(body: dict[str, Any]) -> Response:
    """Change some settings of the chat

    All open pages follow. validation_failed for a setting that the operator fixed, and for a
    default room that is not public.
    """
    return _answer(chat_settings.change(g.person, **body))


@admin.put("/settings/icon", name="setChatIcon", scope="admin")
@admin.doc(requestBody=multipart())
@admin.response(200, ChatSettingsView)
def change_icon() -> Response:
    """Set the icon of the chat

    Accepts the same formats as pictures in rooms. The chat stores the square in the middle, in
    three sizes, without the metadata of the file. Everybody can see it, without signing in.
    """
    file = sent_picture()
    sent_fields(Input)
    return _answer(chat_settings.change_icon(g.person, file, has_hung_up()))


@admin.delete("/settings/icon", name="removeChatIcon", scope="admin")
@admin.response(204)
def remove_icon() -> tuple[Any, int]:
    """Remove the icon of the chat"""
    chat_settings.remove_icon(g.person)
    return "", 204


def _answer(settings: ChatSettings) -> Response:
    return json_answer(
        show_chat_settings(settings, default_rooms.find(settings), current_chat.fixed())
    )
