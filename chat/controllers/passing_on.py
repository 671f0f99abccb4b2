"""Take whoever goes for good out of their rooms, and pass on the rooms that only they own."""

from __future__ import annotations

from datetime import datetime

from chat.controllers import audit, broadcasts
from chat.controllers.member_lists import Member
from chat.controllers.memberships import take_out
from chat.models.audit import actions
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.permissions import ROLES
from chat.models.user import User


def leave(user: User, room_id: Id) -> None:
    """End the membership of somebody who is erased, or of a removed bot, except of a direct room.

    The only owner passes the room on: to the moderator, else the member, who has been there
    longest; to somebody whose account is active, if there is one.
    """
    mine = Membership.find_now(room_id, user.id)
    if mine is None or mine.room.kind == "direct":
        return
    if mine.is_last_owner():
        _pass_on(mine, user)
    take_out(mine, user, user, lambda _now: None)


def _pass_on(mine: Membership, user: User) -> None:
    others = [each for each in Membership.within(mine.room) if each.user_id != user.id]
    users = User.find_many(each.user_id for each in others)
    members = [(each, users[each.user_id]) for each in others if each.user_id in users]
    theirs, heir = min(members, key=_precedence)
    changed = theirs.change_role("owner")
    broadcasts.own_room_updated(changed)
    broadcasts.member_changed(changed.room, heir, "role")
    audit.note_in_room(
        actions.MEMBER_ROLE, user, mine.room, user_id=heir.id, before=theirs.role, after="owner"
    )


def _precedence(member: Member) -> tuple[bool, int, datetime]:
    """Return a key by which the next owner of a room is first."""
    membership, user = member
    return not user.is_active, -ROLES.index(membership.role), membership.joined_at
