"""List and answer invitations to rooms."""

from __future__ import annotations

from chat.controllers import access, broadcasts, memberships
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.membership.decision import Decision
from chat.models.room_invitation import RoomInvitation
from chat.models.user import User
from chat.utils.errors import NotFound
from chat.utils.translation import _


def list_of(person: User) -> list[tuple[RoomInvitation, User]]:
    """Return the person's pending invitations, the latest first, each with its inviter."""
    invitations = RoomInvitation.of(person.id)
    users = User.find_many(invitation.invited_by for invitation in invitations)
    return [(each, users[each.invited_by]) for each in invitations if each.invited_by in users]


def count(person: User) -> int:
    """Return the number of the person's pending invitations."""
    return RoomInvitation.count(person.id)


def invited_to(person: User, room_id: str) -> list[tuple[User, Id]]:
    """Return who has a pending invitation to a room and from whom, if the person may add members.

    Raises NotFound.
    """
    mine = access.membership(person, room_id)
    if not mine.may("add members"):
        return []
    inviters = RoomInvitation.invited_to(mine.room.id)
    users = User.find_many(inviters)
    return [(users[each], inviter) for each, inviter in inviters.items() if each in users]


def invited_among(person: User, room_id: str, user_ids: list[Id]) -> set[Id]:
    """Return the invited people among `user_ids`, if the person may add members to the room.

    Raises NotFound.
    """
    mine = access.membership(person, room_id)
    if not mine.may("add members"):
        return set()
    return RoomInvitation.among(mine.room.id, user_ids)


def withdraw(person: User, room_id: str, user_id: str) -> None:
    """Withdraw somebody's invitation: one's own, or as a moderator anybody's.

    Raises NotFound, Forbidden.
    """
    mine = access.membership(person, room_id)
    user = access.user(user_id)
    invitation = RoomInvitation.to(mine.room, user.id)
    if invitation is None:
        raise NotFound(_("There is no such invitation."))
    if invitation.invited_by != person.id:
        mine.must("remove members")
    RoomInvitation.withdraw(mine.room.id, user.id)
    broadcasts.uninvited(mine.room.id, user.id)


def accept(person: User, invitation_id: str) -> Membership:
    """Join the room, if the inviter may still add people.

    Raises NotFound, Forbidden.
    """
    invitation = access.invitation(person, invitation_id)

    def allow(now: Decision) -> None:
        memberships.must_still_bring_in(invitation.invited_by, person.id, invitation.role, now)

    return memberships.bring_in(invitation.room, person, invitation.role, allow, person).membership


def decline(person: User, invitation_id: str) -> None:
    """Decline an invitation without notifying the inviter, who cannot repeat it for a while.

    Raises NotFound.
    """
    access.invitation(person, invitation_id).decline()
