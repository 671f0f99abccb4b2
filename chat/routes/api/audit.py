"""`…/audit`: what administrators, moderators and operators did."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import audit as verbs
from chat.routes.api.parsing import Blueprint
from chat.routes.responses import json_answer
from chat.schemas.audit import AuditQuery, AuditView, RoomAuditQuery, show_audit

audit = Blueprint("audit", __name__, description="What administrators and moderators did")


@audit.get("/admin/audit", name="getAudit", scope="admin")
@audit.arguments(AuditQuery, location="query")
@audit.response(200, AuditView)
def show(query: dict[str, Any]) -> Response:
    """Get the audit of the chat, the latest entry first

    What happens in private rooms is not in it: their owners and moderators get it.
    """
    return json_answer(show_audit(verbs.page(g.person, **query)))


@audit.get("/rooms/<id:room_id>/audit", name="getRoomAudit", scope="read")
@audit.arguments(RoomAuditQuery, location="query")
@audit.response(200, AuditView)
def show_of_room(query: dict[str, Any], room_id: str) -> Response:
    """Get the audit of a room, the latest entry first

    For its owners and moderators.
    """
    return json_answer(show_audit(verbs.page_of_room(g.person, room_id, **query)))
