"""Define the input and the views of the audit: what administrators and moderators did."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chat.models.audit import ACTIONS, USUAL_PAGE, Entry
from chat.models.user import User
from chat.schemas.base import QueryInput, View, show_next
from chat.schemas.fields import (
    BIGGEST_SEQ,
    Moment,
    Next,
    NumberCursor,
    ObjectIdString,
    OneOf,
    StrictInteger,
)
from chat.schemas.users import UserView, show_user
from chat.utils.clock import rfc3339
from chat.utils.list_page import ListPage


class RoomAuditQuery(QueryInput):
    before = NumberCursor(
        1,
        BIGGEST_SEQ,
        load_default=None,
        allow_none=True,
        metadata={"description": "`next` of the page before"},
    )
    action = OneOf(ACTIONS, load_default=None, allow_none=True)
    limit = StrictInteger(1, USUAL_PAGE, strict=False, load_default=USUAL_PAGE)


class AuditQuery(RoomAuditQuery):
    room_id = ObjectIdString(load_default=None, allow_none=True)


class AuditEntryView(View):
    seq = fields.Integer(
        required=True, metadata={"description": "its number in the audit of the whole chat"}
    )
    at = Moment(required=True)
    action = OneOf(ACTIONS, required=True)
    actor = fields.Nested(
        UserView,
        required=True,
        allow_none=True,
        metadata={
            "description": "who did it; null: the operator, with `bin/chat`, or single sign-on, "
            "for a role with a `name`"
        },
    )
    user = fields.Nested(
        UserView,
        required=True,
        allow_none=True,
        metadata={"description": "whose account, role, invite or message it was"},
    )
    room_id = fields.String(required=True, allow_none=True)
    message_id = fields.String(required=True, allow_none=True)
    invite_id = fields.String(required=True, allow_none=True)
    name = fields.String(
        required=True,
        metadata={
            "description": "of the public room, then, of the setting, or of the provider of "
            "single sign-on"
        },
    )
    before = fields.String(
        required=True, metadata={"description": "the role, name or value before; else empty"}
    )
    after = fields.String(
        required=True,
        metadata={"description": "the same afterwards; of a ban or mute: when it ends, or `never`"},
    )
    hash = fields.String(
        required=True,
        metadata={"description": "covers the entry, and the hash of the one before"},
    )


class AuditView(View):
    entries = fields.List(fields.Nested(AuditEntryView), required=True)
    next = Next("before")


def show_audit(page: ListPage[Entry, int]) -> dict[str, Any]:
    """Return an AuditView."""
    ids = {each for entry in page.items for each in (entry.actor_id, entry.user_id) if each}
    users = User.find_many(ids)
    shown = [
        {
            "seq": int(entry.seq),
            "at": rfc3339(entry.at),
            "action": entry.action,
            "actor": show_user(users[entry.actor_id]) if entry.actor_id in users else None,
            "user": show_user(users[entry.user_id]) if entry.user_id in users else None,
            "room_id": str(entry.room_id) if entry.room_id else None,
            "message_id": str(entry.message_id) if entry.message_id else None,
            "invite_id": str(entry.invite_id) if entry.invite_id else None,
            **entry.texts._asdict(),
            "hash": entry.hash,
        }
        for entry in page.items
    ]
    return {"entries": shown, "next": show_next(page.following)}
