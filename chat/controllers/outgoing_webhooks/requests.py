"""What a request of a webhook says, and where it goes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from chat.models.database import Record
from chat.models.document import Id, new_id
from chat.models.message import Message
from chat.models.outgoing_webhook import OutgoingWebhook
from chat.models.room import Room
from chat.models.user import User
from chat.models.webhook_delivery import TEST, webhook_id
from chat.schemas.room_log import show_entry
from chat.utils.clock import now, rfc3339
from chat.utils.errors import NotFound

Request = dict[str, Any]  # as utils/webhooks/worker.py takes it, without an id


def of_entry(hook: OutgoingWebhook, record: Record) -> Request:
    """Return the request about an entry, whose message is as it is now.

    Raises CannotOpen, NotFound for a room that is gone.
    """
    (entry,) = Message.entries([record])
    data = show_entry(entry) | {"room": _room(hook.room_id)}
    body = _body(entry.event, record["created_at"], data)
    return _request(hook, webhook_id(hook.id, entry.seq), body)


def of_test(hook: OutgoingWebhook) -> Request:
    """Return a request about nothing, with a new id. Raises CannotOpen, NotFound."""
    body = _body(TEST, now(), {"event": TEST, "room": _room(hook.room_id)})
    return _request(hook, f"msg_{hook.id}_test_{new_id()}", body)


def _room(room_id: Id) -> dict[str, str]:
    room = Room.find(room_id)
    if room is None:
        raise NotFound
    return {"id": str(room.id), "name": room.name}


def _body(event: str, moment: datetime, data: dict[str, Any]) -> str:
    return orjson.dumps({"type": event, "timestamp": rfc3339(moment), "data": data}).decode()


def _request(hook: OutgoingWebhook, its_id: str, body: str) -> Request:
    opened = hook.opened()
    maker = User.find(hook.made_by)
    return {
        "url": opened.url,
        "secret": opened.secret,
        "webhook_id": its_id,
        "body": body,
        "owner": str(maker.answerable_id if maker else hook.made_by),
        "was_quick": hook.is_quick,
    }
