"""Define the view of a room's readers: who can read what is written there."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chat.models.document import Id
from chat.models.room import Room
from chat.models.user import User
from chat.schemas.base import View
from chat.schemas.retention import RetentionView
from chat.schemas.users import UserView, show_user


class ReadingPeopleView(View):
    count = fields.Integer(required=True, metadata={"description": "the members"})
    others_may_join = fields.Boolean(
        required=True,
        metadata={"description": "whether everybody here finds the room, looks into it and joins"},
    )


class ReadingAdministratorsView(View):
    may_join = fields.Boolean(
        required=True, metadata={"description": "as anybody may; they read no room from outside"}
    )
    get_reported_messages = fields.Boolean(
        required=True,
        metadata={"description": "a copy of each message that a member reports, and nothing else"},
    )


class EncryptionView(View):
    at_rest = fields.Boolean(required=True, metadata={"description": "in the database"})
    end_to_end = fields.Boolean(
        required=True, metadata={"description": "false: the running server can read"}
    )


class HookView(View):
    id = fields.String(required=True)
    name = fields.String(required=True)


class ReadersView(View):
    people = fields.Nested(ReadingPeopleView, required=True)
    bots = fields.List(
        fields.Nested(UserView),
        required=True,
        metadata={"description": "programs that are members"},
    )
    administrators = fields.Nested(ReadingAdministratorsView, required=True)
    hooks = fields.List(
        fields.Nested(HookView),
        required=True,
        metadata={"description": "programs elsewhere that get its messages"},
    )
    encryption = fields.Nested(EncryptionView, required=True)
    retention = fields.Nested(RetentionView, required=True)
    history = fields.String(
        required=True,
        metadata={
            "enum": ["everything", "nobody new"],
            "description": "what new members read; `nobody new` can join a direct room",
        },
    )


def show_readers(
    room: Room, count: int, bots: list[User], hooks: dict[Id, str], retention: dict[str, Any]
) -> dict[str, Any]:
    """Return a ReadersView.

    `count`: of the room's members. `hooks`: the names of webhooks. `retention`: a RetentionView.
    """
    is_open = room.kind == "public" and room.archived_at is None
    return {
        "people": {"count": count, "others_may_join": is_open},
        "bots": [show_user(bot) for bot in bots],
        "administrators": {"may_join": room.kind == "public", "get_reported_messages": True},
        "hooks": [{"id": str(hook_id), "name": name} for hook_id, name in hooks.items()],
        "encryption": {"at_rest": True, "end_to_end": False},
        "retention": retention,
        "history": "nobody new" if room.kind == "direct" else "everything",
    }
