"""The devices that a person is signed in on."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chat.models.session import Session
from chat.schemas.base import View
from chat.schemas.fields import Moment, Next
from chat.utils.clock import rfc3339


class SessionView(View):
    id = fields.String(required=True)
    device = fields.String(required=True)
    created_at = Moment(required=True)
    refreshed_at = Moment(required=True)
    current = fields.Boolean(
        required=True, metadata={"description": "whether this request belongs to it"}
    )


class SessionsView(View):
    sessions = fields.List(fields.Nested(SessionView), required=True)
    next = Next()


def show_session(session: Session, current: Session) -> dict[str, Any]:
    """Return a SessionView."""
    return {
        "id": str(session.id),
        "device": session.device,
        "created_at": rfc3339(session.created_at),
        "refreshed_at": rfc3339(session.refreshed_at),
        "current": session.id == current.id,
    }
