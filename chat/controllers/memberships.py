"""Change who is in a room: join, leave, add, remove, change roles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeAlias

from chat.controllers import access, broadcasts, room_lines, strangers
from chat.models import block
from chat.models.document import Id
from chat.models.log import log_of
from chat.models.membership import Membership, roster
from chat.models.membership.decision import Allow, Decision
from chat.models.membership.states import LEFT, REMOVED
from chat.models.membership.stored import StoredMembership
from chat.models.room import Room
from chat.models.room_invitation import RoomInvitation
from chat.models.user import User
from chat.models.user_search import names_starting_with
from chat.utils.errors import Forbidden, NotFound
from chat.utils.list_page import ListPage
from chat.utils.sentences import N_
from chat.utils.translation import _

Member: TypeAlias = tuple[Membership, User]

# The same sentence for a block and for a declined invitation, so that it does not reveal which.
NOT_ADDED = N_("You cannot add this person.")


class Joined(NamedTuple):
    membership: Membership
    is_new: bool  # whether the membership began with this call


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


def join(person: User, room_id: str) -> Membership:
    """Join a public room. Earlier messages count as read.

    Idempotent. Raises NotFound, Forbidden.
    """
    room = access.room_to_join(person, room_id)
    return bring_in(room, person, "member", partial(must_let_in, person), person).membership


def must_let_in(person: User, now: Decision) -> None:
    """Raise NotFound or Forbidden if the person may not join the room by themselves."""
    if now.room.kind != "public":
        raise NotFound(_("There is no such room."))
    if now.room.archived_at:
        raise Forbidden(_("This room is archived."))
    if now.why_ended(person.id) == REMOVED:
        raise Forbidden(_("You were removed from this room; its moderators can add you again."))


def leave(person: User, room_id: str) -> None:
    """Leave a room.

    Raises NotFound, Forbidden for a direct room, Conflict for its last owner.
    """
    mine = access.membership(person, room_id).must("leave")
    _take_out(mine, person, person, lambda now: now.member(person.id).must("leave"))


def page(person: User, room_id: str, after: int, limit: int) -> ListPage[Member, int]:
    """Return a page of a room's members, in order of arrival. Raises NotFound."""
    mine = access.membership(person, room_id).must("list members")
    members = Membership.page(mine.room, after, limit)
    return ListPage(_with_users(members.items), members.following)


def which_of(person: User, room_id: str, user_ids: list[Id]) -> set[Id]:
    """Return the people among `user_ids` who are in a room. Raises NotFound."""
    mine = access.membership(person, room_id).must("list members")
    return Membership.among(mine.room.id, user_ids)


def find(
    person: User, room_id: str, beginning: str, after: str, limit: int
) -> ListPage[Member, str]:
    """Return a page of members whose name begins with `beginning`, by name. Raises NotFound."""
    mine = access.membership(person, room_id).must("list members")
    places = {user_id: f"{name}\0{user_id}" for name, user_id in names_starting_with(beginning)}
    wanted = [user_id for user_id, place in places.items() if place > after]
    members = Membership.first_of(mine.room, wanted, limit + 1)
    if len(members) <= limit:
        return ListPage(_with_users(members), None)
    shown = members[:limit]
    return ListPage(_with_users(shown), places[shown[-1].user_id])


def add(person: User, room_id: str, user_id: str, role: str = "member") -> Added:
    """Add a person to a room, or invite the person.

    A stranger is invited, unless the one who adds is an administrator of the chat. A person who
    left the room before is always invited. Raises NotFound, Forbidden, RateLimited.
    """
    mine = access.membership(person, room_id)
    user = access.user(user_id)
    is_stranger = strangers.charge_for_adding(person, user.id)
    _must_add(mine, role)
    if there := Membership.find_now(mine.room.id, user.id):
        # Announce again, because an earlier call may have died before it announced this.
        broadcasts.room_added(there)
        return Added(user, there)
    declined = RoomInvitation.was_declined(mine.room.id, user.id, person.id)
    if declined or block.is_blocked(user.id, person.id):
        raise Forbidden(NOT_ADDED)
    now = Decision.now(mine.room.id)
    _must_add_again(mine, user, now)
    if now.why_ended(user.id) == LEFT or (is_stranger and not person.is_admin):
        return _invite(person, mine, user, role)

    def allow(now: Decision) -> None:
        mine = now.member(person.id)
        _must_add(mine, role)
        _must_add_again(mine, user, now)

    joined = bring_in(mine.room, user, role, allow, person)
    return Added(user, joined.membership, joined.is_new)


def remove(person: User, room_id: str, user_id: str) -> None:
    """Remove a person from a room. From then on they receive no events of the room.

    Raises NotFound, Forbidden, Conflict.
    """
    mine = access.membership(person, room_id)
    theirs = access.member_of(mine, user_id)
    if theirs.user_id == person.id:
        leave(person, room_id)
        return

    def allow(mine: StoredMembership, theirs: StoredMembership) -> None:
        mine.must("remove members")
        if theirs.role == "owner":
            mine.must("change roles")

    allow(mine, theirs)
    _take_out(
        theirs,
        access.user(user_id),
        person,
        lambda now: allow(now.member(person.id), now.member(theirs.user_id)),
    )


def change_role(person: User, room_id: str, user_id: str, role: str) -> tuple[Membership, User]:
    """Change a member's role. Raises NotFound, Forbidden, Conflict for the last owner."""
    mine = access.membership(person, room_id).must(giving(role))
    theirs = access.member_of(mine, user_id)
    changed = theirs.change_role(role, lambda now: now.member(person.id).must(giving(role)))
    user = access.user(user_id)
    broadcasts.own_room_updated(changed)
    broadcasts.member_changed(changed.room, user, "role")
    return changed, user


def finish_left_behind() -> None:
    """Finish decisions of processes that died, and announce these decisions."""
    roster.finish_left_behind()
    for room_id, user_id in roster.take_finished_for_others():
        if user_id:
            broadcasts.membership_changed(room_id, user_id)
        else:
            broadcasts.room_deleted(room_id)


def choose_notifications(person: User, room_id: str, level: str) -> Membership:
    """Set the person's level of notifications in a room. Raises NotFound."""
    mine = (
        access.membership(person, room_id).must("choose notifications").change_notifications(level)
    )
    broadcasts.own_room_updated(mine)
    return mine


def giving(role: str) -> str:
    """Return the verb in PERMISSIONS for giving this role to somebody."""
    if role == "owner":
        return "become owner"
    return "change roles"


def bring_in(room: Room, user: User, role: str, allow: Allow, actor: User) -> Joined:
    """Begin a person's membership, and announce it. `allow` may raise.

    `actor`: who adds the person, or the person.
    """
    head_seq = log_of(room.id).head().seq
    joined = Joined(*Membership.begin(room, user.id, role, head_seq, allow))
    RoomInvitation.withdraw(room.id, user.id)
    # Announce also on a repeated call, because the first one may have died before this line.
    broadcasts.room_added(joined.membership)
    if joined.is_new:
        broadcasts.member_changed(room, user, "joined")
        room_lines.note_joined(room, user, actor)
    return joined


def _with_users(members: list[Membership]) -> list[Member]:
    users = User.find_many(member.user_id for member in members)
    return [(member, users[member.user_id]) for member in members if member.user_id in users]


def _must_add(mine: StoredMembership, role: str) -> None:
    mine.must("add members")
    if role != "member":
        mine.must(giving(role))


def _must_add_again(mine: StoredMembership, user: User, now: Decision) -> None:
    if now.why_ended(user.id) == REMOVED and not mine.may("begin again after removal"):
        raise Forbidden(_("They were removed from this room; its moderators can add them again."))


def _invite(person: User, mine: Membership, user: User, role: str) -> Added:
    invitation = RoomInvitation.send(mine.room, user.id, person.id, role)
    inviter = User.find(invitation.invited_by) or person
    broadcasts.invited(invitation, inviter)
    return Added(user, invitation=invitation, inviter=inviter)


def _take_out(membership: Membership, user: User, actor: User, allow: Allow) -> None:
    ended = membership.end(LEFT if actor.id == user.id else REMOVED, allow)
    RoomInvitation.withdraw(membership.room.id, user.id)  # an earlier invitation has ended
    broadcasts.room_removed(membership.room, user)
    broadcasts.member_changed(membership.room, user, "left")
    if ended:
        room_lines.note_left(membership.room, user, actor)
