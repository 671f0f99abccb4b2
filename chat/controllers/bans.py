"""Keep people out of a room, or let them read without writing: bans and mutes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from chat.controllers import access, audit, broadcasts
from chat.controllers.bot_bounds import deciding
from chat.controllers.memberships import take_out
from chat.models.audit import actions
from chat.models.audit.texts import NO_END
from chat.models.ban import Ban
from chat.models.document import Id, id_from
from chat.models.membership import Membership
from chat.models.membership.decision import Decision
from chat.models.membership.states import LEFT
from chat.models.membership.stored import FOREVER, StoredMembership
from chat.models.room import Room
from chat.models.room_invitation import RoomInvitation
from chat.models.user import User
from chat.utils.clock import rfc3339
from chat.utils.errors import Conflict, Forbidden, NotFound
from chat.utils.list_page import ListPage
from chat.utils.translation import _


class SeenBan(NamedTuple):
    """A ban, with everybody whom it names: `people` by id."""

    ban: Ban
    people: dict[Id, User]


def ban(
    person: User, room_id: str, user_id: str, *, until: datetime | None = None, reason: str = ""
) -> tuple[SeenBan, bool]:
    """Ban somebody from a room, whether or not they are in it. Return whether the ban is new.

    Raises NotFound, Forbidden, Conflict for the last owner.
    """
    mine = access.membership(person, room_id)
    user = access.user(user_id)
    theirs = Membership.find_now(mine.room.id, user.id)
    _must_outrank(person, mine, user, theirs, "ban")
    placed, earlier = Ban.place(mine.room.id, user.id, until=until, reason=reason, by=person.id)
    try:
        was_in = _put_out(person, mine.room, user)
    except (Forbidden, NotFound, Conflict):  # their roles changed at this moment
        placed.take_back(earlier)
        raise
    RoomInvitation.withdraw(mine.room.id, user.id)
    broadcasts.uninvited(mine.room.id, user.id)
    if was_in or not earlier or earlier.until != until:
        audit.note_in_room(
            actions.MEMBER_BANNED,
            person,
            mine.room,
            user_id=user.id,
            before=_end(earlier.until) if earlier else "",
            after=_end(until),
        )
    return _seen([placed])[0], earlier is None


def _put_out(person: User, room: Room, user: User) -> bool:
    """End the membership of somebody who is being banned. Return whether this call ended it."""
    theirs = Membership.find_now(room.id, user.id)
    if theirs is None:
        return False

    def allow(now: Decision) -> None:
        _must_outrank(person, deciding(person, now), user, now.member(user.id), "ban")

    # as if they had left: when the ban is over, they may come back as anybody may
    return take_out(theirs, user, person, allow, why=LEFT)


def lift(person: User, room_id: str, user_id: str) -> None:
    """Lift a ban. Raises NotFound, Forbidden."""
    mine = access.membership(person, room_id).must("ban")
    found_id = id_from(user_id)
    placed = Ban.of(mine.room.id, found_id) if found_id else None
    if placed is None:
        raise NotFound(_("This person is not banned."))
    placed.lift()
    audit.note_in_room(actions.MEMBER_UNBANNED, person, mine.room, user_id=placed.user_id)


def page(person: User, room_id: str, before: str | None = None) -> ListPage[SeenBan, str]:
    """Return a page of a room's bans, the latest first. Raises NotFound, Forbidden."""
    mine = access.membership(person, room_id).must("ban")
    found = Ban.page(mine.room.id, id_from(before))
    return ListPage(_seen(found.items), found.following)


def mute(
    person: User, room_id: str, user_id: str, until: datetime | None = None
) -> tuple[Membership, User]:
    """Let a member read and not write, until then or, for None, until somebody unmutes them.

    Raises NotFound, Forbidden.
    """
    return _change_mute(person, room_id, user_id, lambda theirs: theirs.mute(until), is_on=True)


def unmute(person: User, room_id: str, user_id: str) -> tuple[Membership, User]:
    """Let a member write again. Raises NotFound, Forbidden."""
    return _change_mute(person, room_id, user_id, lambda theirs: theirs.unmute(), is_on=False)


def _change_mute(
    person: User,
    room_id: str,
    user_id: str,
    change: Callable[[Membership], Membership],
    *,
    is_on: bool,
) -> tuple[Membership, User]:
    mine = access.membership_now(person, room_id)
    theirs = access.member_of(mine, user_id)
    user = access.user(user_id)
    _must_outrank(person, mine, user, theirs, "mute")
    changed = change(theirs)
    broadcasts.own_room_updated(changed)
    if theirs.is_muted != is_on or (is_on and theirs.muted_until != changed.muted_until):
        audit.note_in_room(
            actions.MEMBER_MUTED if is_on else actions.MEMBER_UNMUTED,
            person,
            mine.room,
            user_id=user.id,
            before=_end(theirs.muted_until) if theirs.is_muted else "",
            after=_end(changed.muted_until) if is_on else "",
        )
    return changed, user


def _end(until: datetime | None) -> str:
    """Return when a ban or mute ends, as the audit says it."""
    return NO_END if until is None or until == FOREVER else rfc3339(until)


def _must_outrank(
    person: User, mine: StoredMembership, user: User, theirs: StoredMembership | None, verb: str
) -> None:
    """Raise Forbidden unless the person may do this to another one; to an owner, as an owner."""
    mine.must(verb)
    if user.id == person.id:
        raise Forbidden(_("You can’t do this to yourself."))
    if theirs:
        mine.must_reach(theirs, verb)


def _seen(bans: list[Ban]) -> list[SeenBan]:
    people = User.find_many({user_id for ban in bans for user_id in (ban.user_id, ban.banned_by)})
    return [SeenBan(ban, people) for ban in bans]
