"""Add a person to a room, or invite the person."""

from __future__ import annotations

from dataclasses import dataclass

from chat.controllers import access, broadcasts, strangers
from chat.controllers.bot_bounds import deciding
from chat.controllers.memberships import (
    bring_in,
    giving,
    must_not_be_banned,
    must_still_bring_in,
)
from chat.models import block, circle
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.membership.decision import Decision
from chat.models.membership.states import LEFT, REMOVED
from chat.models.membership.stored import StoredMembership
from chat.models.room_invitation import RoomInvitation
from chat.models.user import User
from chat.utils.errors import Conflict, Forbidden
from chat.utils.sentences import N_
from chat.utils.translation import _

# The same sentence for a block and for a declined invitation, so that it does not reveal which.
NOT_ADDED = N_("You cannot add this person.")


@dataclass(frozen=True)
class Added:
    """The result of adding a person: a membership or an invitation.

    `is_new`: whether the membership began with this call.
    """

    user: User
    membership: Membership | None = None
    is_new: bool = False
    invitation: RoomInvitation | None = None
    inviter: User | None = None  # the person who sent the invitation, perhaps earlier


def add(person: User, room_id: str, user_id: str, role: str = "member") -> Added:
    """Add a person to a room, or invite the person.

    A stranger is invited, unless the one who adds is an administrator of the chat. A person who
    left the room before is always invited, and a bot never. Raises NotFound, Forbidden, Conflict,
    RateLimited.
    """
    mine = access.membership(person, room_id)
    user = access.user(user_id)
    is_stranger = not user.is_bot and strangers.charge_for_adding(person, user.id)
    _must_add(mine, role)
    if not user.is_active:
        raise Conflict(_("This person’s account is deactivated."))
    if there := Membership.find_now(mine.room.id, user.id):
        # Announce again, because an earlier call may have died before it announced this.
        broadcasts.room_added(there)
        return Added(user, there)
    must_not_be_banned(mine.room, user, person)
    declined = RoomInvitation.was_declined(mine.room.id, user.id, person.id)
    if declined or block.is_blocked(user.id, person.answerable_id):
        raise Forbidden(NOT_ADDED)
    now = Decision.now(mine.room.id)
    _must_add_after_removal(mine, user, now)
    if not user.is_bot and _is_asked_first(person, user.id, now, is_stranger=is_stranger):
        return _invite(person, mine, user, role, now)

    def allow(now: Decision) -> None:
        mine = deciding(person, now)
        _must_add(mine, role)
        _must_add_after_removal(mine, user, now)

    joined = bring_in(mine.room, user, role, allow, person)
    return Added(user, joined.membership, joined.is_new)


def would_be_invited(person: User, room_id: str, user_ids: list[Id]) -> set[Id]:
    """Return the people among `user_ids` whom `add` invites. Raises NotFound."""
    now = Decision.now(access.membership(person, room_id).room.id)
    bots = {user.id for user in User.find_many(user_ids).values() if user.is_bot}
    unknown = circle.strangers(person.id, user_ids)
    return {
        user_id
        for user_id in set(user_ids) - bots
        if _is_asked_first(person, user_id, now, is_stranger=user_id in unknown)
    }


def _is_asked_first(person: User, user_id: Id, now: Decision, *, is_stranger: bool) -> bool:
    return now.why_ended(user_id) == LEFT or (is_stranger and not person.is_admin)


def _must_add(mine: StoredMembership, role: str) -> None:
    mine.must("add members")
    if role != "member":
        mine.must(giving(role))


def _must_add_after_removal(mine: StoredMembership, user: User, now: Decision) -> None:
    if now.why_ended(user.id) == REMOVED and not mine.may("begin again after removal"):
        raise Forbidden(_("They were removed from this room; its moderators can add them again."))


def _invite(person: User, mine: Membership, user: User, role: str, now: Decision) -> Added:
    """Invite the person. A pending invitation stays as it is, unless it has to give way."""
    invitation = RoomInvitation.send(mine.room, user.id, person.id, role)
    if _gives_way(invitation, deciding(person, now), role, now):
        invitation = invitation.renew(person.id, role)
    inviter = User.find(invitation.invited_by) or person
    broadcasts.invited(invitation, inviter)
    return Added(user, invitation=invitation, inviter=inviter)


def _gives_way(there: RoomInvitation, mine: StoredMembership, role: str, now: Decision) -> bool:
    """Return whether an invitation is worth nothing any more, or `mine` may change its role."""
    try:
        must_still_bring_in(there.invited_by, there.user_id, there.role, now)
    except Forbidden:
        return True
    return there.role != role and (there.role == "member" or mine.may(giving(there.role)))
