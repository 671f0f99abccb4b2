"""Change who is in a room: join, leave, remove, change roles."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from chat.controllers import access, audit, bot_rooms, broadcasts, room_lines
from chat.controllers.bot_bounds import deciding
from chat.models.audit import actions
from chat.models.ban import Ban
from chat.models.document import Id
from chat.models.log import log_of
from chat.models.membership import Membership, roster
from chat.models.membership.decision import Allow, Decision
from chat.models.membership.states import LEFT, REMOVED
from chat.models.membership.stored import StoredMembership
from chat.models.room import Room
from chat.models.room_invitation import RoomInvitation
from chat.models.user import User
from chat.utils.clock import rfc3339
from chat.utils.errors import Banned, Forbidden, NotFound
from chat.utils.translation import _


class Joined(NamedTuple):
    membership: Membership
    is_new: bool  # whether the membership began with this call


def open_room(room: Room, person: User) -> Membership:
    """Open a prepared room, and return the person's membership, as an owner.

    A bot may do in a room what its owner may, so whoever answers for a bot owns its rooms.
    """
    first = Membership.open_room(room, person.answerable_id)
    broadcasts.room_added(first)
    if not person.is_bot:
        return first
    return bring_in(room, person, "owner", lambda _: None, person).membership


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
    must_not_be_banned(now.room, person, person)
    if now.why_ended(person.id) == REMOVED:
        raise Forbidden(_("You were removed from this room; its moderators can add you again."))


def must_not_be_banned(room: Room, user: User, actor: User) -> None:
    """Raise Forbidden if a person is banned from a room, for whom `actor` would bring in."""
    found = Ban.of(room.id, user.id) or (user.is_bot and Ban.of(room.id, user.answerable_id))
    if not found:
        return
    if user.id == actor.id:
        until = rfc3339(found.until) if found.until else None
        raise Banned(_("You are banned from {room}.", room=room.name), until=until)
    raise Forbidden(_("They are banned from this room. Its moderators can lift the ban."))


def must_still_bring_in(inviter_id: Id, user_id: Id, role: str, now: Decision) -> None:
    """Raise Forbidden if the one who invited a person may no longer add that person."""
    if now.room.archived_at:
        raise Forbidden(_("This room is archived."))
    verbs = ["add members"]
    if now.why_ended(user_id) == REMOVED:
        verbs.append("begin again after removal")
    if role != "member":
        verbs.append(giving(role))
    try:
        inviter = now.member(inviter_id)
    except NotFound:
        inviter = None
    user = User.find(inviter_id)
    if user is None or not user.is_active or not user.has_active_owner():
        inviter = None
    if inviter is None or not all(inviter.may(verb) for verb in verbs):
        raise Forbidden(_("The person who invited you can no longer add you to this room."))


def leave(person: User, room_id: str) -> None:
    """Leave a room.

    Raises NotFound, Forbidden for a direct room, Conflict for its last owner.
    """
    mine = access.membership(person, room_id).must("leave")
    take_out(mine, person, person, lambda now: deciding(person, now).must("leave"))


def is_last_owner(person: User, room_id: str) -> bool:
    """Return whether a room needs another owner before the person can leave. Raises NotFound."""
    return access.membership(person, room_id).is_last_owner()


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
        mine.must_reach(theirs, "remove members")

    allow(mine, theirs)
    take_out(
        theirs,
        access.user(user_id),
        person,
        lambda now: allow(deciding(person, now), now.member(theirs.user_id)),
    )


def change_role(person: User, room_id: str, user_id: str, role: str) -> tuple[Membership, User]:
    """Change a member's role. Raises NotFound, Forbidden, Conflict for the last owner."""
    mine = access.membership(person, room_id).must(giving(role))
    theirs = access.member_of(mine, user_id)
    changed = theirs.change_role(role, lambda now: deciding(person, now).must(giving(role)))
    user = access.user(user_id)
    broadcasts.own_room_updated(changed)
    broadcasts.member_changed(changed.room, user, "role")
    if theirs.role != role:
        audit.note_in_room(
            actions.MEMBER_ROLE,
            person,
            changed.room,
            user_id=user.id,
            before=theirs.role,
            after=role,
        )
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
    must_not_be_banned(room, user, actor)
    bot_rooms.must_be_with_owner(room, user)
    head_seq = log_of(room.id).head().seq
    joined = Joined(*Membership.begin(room, user.id, role, head_seq, allow))
    try:
        bot_rooms.must_be_with_owner(room, user)  # who may have left at this moment
    except Forbidden:
        joined.membership.end()
        raise
    if joined.is_new and Ban.of(room.id, user.id):  # placed at this moment: see ban.py
        joined.membership.end()
        must_not_be_banned(room, user, actor)
    RoomInvitation.withdraw(room.id, user.id)
    # Announce also on a repeated call, because the first one may have died before this line.
    broadcasts.room_added(joined.membership)
    if joined.is_new:
        broadcasts.member_changed(room, user, "joined")
        room_lines.note_joined(room, user, actor)
    return joined


def take_out(
    membership: Membership, user: User, actor: User, allow: Allow, why: str | None = None
) -> bool:
    """End a membership, and announce it. Return whether this call ended it. `allow` may raise.

    `why`: LEFT or REMOVED; None: as it was the person or somebody else who did it.
    """
    ended = membership.end(why or (LEFT if actor.id == user.id else REMOVED), allow)
    RoomInvitation.withdraw(membership.room.id, user.id)  # an earlier invitation has ended
    broadcasts.room_removed(membership.room, user)
    broadcasts.member_changed(membership.room, user, "left")
    if ended:
        room_lines.note_left(membership.room, user, actor)
        if actor.id != user.id:
            audit.note_in_room(actions.MEMBER_REMOVED, actor, membership.room, user_id=user.id)
    _take_out_bots(bot_rooms.left_alone(membership.room, user), actor)
    return ended


def take_out_bots_alone(room: Room, actor: User) -> None:
    """End the memberships of the bots whose owners are not in a room that became private."""
    _take_out_bots(bot_rooms.without_owner(room), actor)


def take_out_of_others_rooms(bot: User, actor: User) -> None:
    """End a bot's memberships of private rooms that its owner, who is another by now, is not in."""
    _take_out_bots(bot_rooms.without_new_owner(bot), actor)


def _take_out_bots(memberships: list[Membership], actor: User) -> None:
    for membership in memberships:
        if bot := User.find(membership.user_id):
            take_out(membership, bot, actor, lambda _now: None, REMOVED)
