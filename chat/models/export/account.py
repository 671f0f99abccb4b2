"""What the chat keeps about one person, besides what they wrote: nothing that is others' data.

A password, a code or a key is not in it, nor what moderators noted about the person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from chat.models import block, email_addresses, keywords
from chat.models.api_token import ApiToken
from chat.models.ban import Ban
from chat.models.document import Id
from chat.models.export import form
from chat.models.identity import Identity
from chat.models.invite import Invite
from chat.models.membership import Membership
from chat.models.passkey import Passkey
from chat.models.push_subscription import PushSubscription
from chat.models.reminder import Reminder
from chat.models.report import Report
from chat.models.room_invitation import RoomInvitation
from chat.models.session import Session
from chat.models.user import User
from chat.utils.clock import rfc3339

INVITES_PAGE = 100


def account(user: User) -> dict[str, Any]:
    """Return everything about a person that fits into memory: lists that are bounded by limits."""
    address = email_addresses.find(user.id)
    return {
        **form.person(user),
        "is_administrator": user.is_admin,
        "email": {"address": address.text, "verified_at": rfc3339(address.verified_at)}
        if address
        else None,
        "has_password": user.has_password,
        "has_second_factor": user.has_second_factor,
        "preferences": _plain(asdict(user.preferences)),
        "read_receipts": user.read_receipts,
        "keywords": list(keywords.unseal(user.id, user.sealed_keywords)),
        "blocked": _usernames(block.blocked_by(user.id)),
        "devices": [_session(each) for each in Session.of(user.id)],
        "tokens": [_token(each) for each in ApiToken.of(user.id)],
        "passkeys": [
            {"name": each.name, **_times(each.created_at, each.used_at)}
            for each in Passkey.of(user.id)
        ],
        "sign_on": [
            {"provider": each.provider, **_times(each.created_at, each.used_at)}
            for each in Identity.of(user.id)
        ],
        "notified_browsers": [
            {"language": each.language, **_times(each.created_at, each.used_at)}
            for each in PushSubscription.of(user.id)
        ],
        "bots": [bot.username for bot in User.bots_of(user.id)],
        "rooms": [_membership(each) for each in _memberships(user.id)],
        "invitations": [
            {"room": str(each.room.id), "name": each.room.name}
            for each in RoomInvitation.of(user.id)
        ],
        "bans": [
            {"room": str(room_id), "until": _time(until)}
            for room_id, until in Ban.all_of(user.id).items()
        ],
        "reminders": [_reminder(each) for each in Reminder.of_person(user.id)],
        "reports": [_report(each) for each in Report.made_by(user.id)],
        "invites": [_invite(each) for each in _invites(user.id)],
    }


def _session(session: Session) -> dict[str, Any]:
    return {"device": session.device, **_times(session.created_at, session.refreshed_at)}


def _token(token: ApiToken) -> dict[str, Any]:
    return {
        "name": token.name,
        "scopes": sorted(token.scopes),
        "expires_at": _time(token.expires_at),
        **_times(token.created_at, token.used_at),
    }


def _memberships(user_id: Id) -> list[Membership]:
    found = Membership.find_many(user_id, Membership.all_rooms_of(user_id))
    return sorted(found, key=lambda membership: membership.joined_at)


def _membership(membership: Membership) -> dict[str, Any]:
    return {
        "room": str(membership.room.id),
        "name": membership.room.name,
        "kind": membership.room.kind,
        "role": membership.role,
        "joined_at": rfc3339(membership.joined_at),
        "read_seq": membership.read_seq,
        "notifications": membership.notifications,
        "is_favourite": membership.favourite,
        "muted_until": _time(membership.muted_until),
    }


def _reminder(reminder: Reminder) -> dict[str, Any]:
    return {
        "room": str(reminder.room_id),
        "body": reminder.opened().body,
        "due_at": rfc3339(reminder.due_at),
        "created_at": rfc3339(reminder.created_at),
    }


def _report(report: Report) -> dict[str, Any]:
    return {
        "message": str(report.message_id),
        "room": str(report.room_id),
        "reason": report.texts["reason"],
        "state": report.state,
        "outcome": report.outcome,
        "at": rfc3339(report.id.generation_time),
    }


def _invites(user_id: Id) -> Iterator[Invite]:
    before: Id | None = None
    while True:
        page = Invite.page(user_id, before, INVITES_PAGE)
        yield from page.items
        if page.following is None:
            return
        before = Id(page.following)


def _invite(invite: Invite) -> dict[str, Any]:
    return {
        "note": invite.note,
        "uses": invite.uses,
        "max_uses": invite.max_uses,
        "rooms": [str(room_id) for room_id in invite.room_ids],
        "created_at": rfc3339(invite.created_at),
        "expires_at": rfc3339(invite.expires_at),
    }


def _times(created_at: datetime, used_at: datetime | None) -> dict[str, str | None]:
    return {"created_at": rfc3339(created_at), "used_at": _time(used_at)}


def _usernames(user_ids: list[Id]) -> list[str]:
    return sorted(user.username for user in User.find_many(user_ids).values())


def _plain(preferences: dict[str, Any]) -> dict[str, Any]:
    return {
        name: rfc3339(value) if isinstance(value, datetime) else value
        for name, value in preferences.items()
    }


def _time(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment else None
