"""Serve the audit as pages: the whole chat's for administrators, a room's for its moderators."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, g, render_template

from chat.controllers import audit as verbs
from chat.controllers import rooms
from chat.models.audit import actions
from chat.routes.pages.forms import read_query
from chat.schemas.audit import AuditQuery, RoomAuditQuery, show_audit
from chat.schemas.rooms import show_room
from chat.utils.sentences import N_
from chat.utils.translation import said

audit = Blueprint("audit", __name__)

# What the choice of an action calls it.
TITLES = {
    actions.ACCOUNT_CREATED: N_("Administrator created"),
    actions.ACCOUNT_ROLE: N_("Role in the chat"),
    actions.ACCOUNT_RENAMED: N_("Person renamed"),
    actions.ACCOUNT_USERNAME: N_("Username changed"),
    actions.ACCOUNT_DEACTIVATED: N_("Account deactivated"),
    actions.ACCOUNT_ERASED: N_("Account deleted"),
    actions.ACCOUNT_EXPORTED: N_("Account exported"),
    actions.ACCOUNT_ACTIVATED: N_("Account activated"),
    actions.BOT_MADE: N_("Bot made"),
    actions.BOT_OWNER: N_("Bot given another owner"),
    actions.BOT_REMOVED: N_("Bot removed"),
    actions.ACCOUNT_RESET_LINK: N_("Reset link created"),
    actions.ACCOUNT_SECOND_FACTOR_OFF: N_("Two-step sign-in turned off"),
    actions.CHAT_EXPORTED: N_("All rooms exported"),
    actions.CHAT_SETTING: N_("Settings of this chat"),
    actions.CHAT_IMPORTED: N_("Import from another chat"),
    actions.COMMAND_MADE: N_("Command created"),
    actions.COMMAND_CHANGED: N_("Command changed"),
    actions.COMMAND_REMOVED: N_("Command removed"),
    actions.REPORT_TAKEN: N_("Report taken"),
    actions.REPORT_CLOSED: N_("Report closed"),
    actions.REPORT_OPENED: N_("Report opened again"),
    actions.INVITE_MADE: N_("Invite link created"),
    actions.INVITE_REVOKED: N_("Invite link revoked"),
    actions.ROOM_CREATED: N_("Room created"),
    actions.ROOM_RENAMED: N_("Room renamed"),
    actions.ROOM_PUBLIC: N_("Room made public"),
    actions.ROOM_PRIVATE: N_("Room made private"),
    actions.ROOM_ARCHIVED: N_("Room archived"),
    actions.ROOM_UNARCHIVED: N_("Room unarchived"),
    actions.ROOM_DELETED: N_("Room deleted"),
    actions.ROOM_EXPORTED: N_("Room exported"),
    actions.ROOM_RETENTION: N_("Retention changed"),
    actions.MEMBER_REMOVED: N_("Member removed"),
    actions.MEMBER_ROLE: N_("Role in a room"),
    actions.MEMBER_BANNED: N_("Person banned"),
    actions.MEMBER_UNBANNED: N_("Ban lifted"),
    actions.MEMBER_MUTED: N_("Member muted"),
    actions.MEMBER_UNMUTED: N_("Member unmuted"),
    actions.MESSAGE_DELETED: N_("Message deleted"),
    actions.INCOMING_WEBHOOK_MADE: N_("Incoming webhook created"),
    actions.INCOMING_WEBHOOK_REMOVED: N_("Incoming webhook removed"),
    actions.OUTGOING_WEBHOOK_MADE: N_("Outgoing webhook created"),
    actions.OUTGOING_WEBHOOK_CHANGED: N_("Outgoing webhook changed"),
    actions.OUTGOING_WEBHOOK_OFF: N_("Outgoing webhook turned off"),
    actions.OUTGOING_WEBHOOK_REMOVED: N_("Outgoing webhook removed"),
}
IN_ROOMS = ("room.", "member.", "message.", "incoming-webhook.", "outgoing-webhook.")


@audit.get("/admin/audit")
def show() -> str:
    query = read_query(AuditQuery)
    return render_template(
        "settings/audit.html",
        **query,
        **show_audit(verbs.page(g.person, **query)),
        titles=_titles(TITLES),
    )


@audit.get("/rooms/<room_id>/audit")
def show_of_room(room_id: str) -> str:
    query = read_query(RoomAuditQuery)
    mine = rooms.show(g.person, room_id)
    return render_template(
        "rooms/audit.html",
        **query,
        **show_audit(verbs.page_of_room(g.person, room_id, **query)),
        room=show_room(mine),
        titles=_titles(action for action in TITLES if action.startswith(IN_ROOMS)),
    )


def _titles(chosen: Iterable[str]) -> list[tuple[str, str]]:
    return [(action, said(TITLES[action])) for action in chosen]
