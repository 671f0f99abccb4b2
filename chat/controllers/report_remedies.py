"""Say what an administrator may do about a reported message, beside taking and closing the report.

It is what they may do anyway: a report gives no permission in a room.
"""

from __future__ import annotations

from typing import NamedTuple

from chat.controllers import access, memberships
from chat.controllers.reports import SeenReport
from chat.models.membership import Membership
from chat.models.membership.decision import Decision
from chat.models.message import Message
from chat.models.room import Room
from chat.models.user import User
from chat.utils.errors import Forbidden, NotFound


class Remedies(NamedTuple):
    """`seq`: of the message, where the administrator may read its room, or look in; else None."""

    seq: int | None
    may_delete: bool  # the message
    may_ban: bool  # its author, from the room
    may_deactivate: bool  # the author's account
    may_own: bool  # the room, which would let them do the first two


def find(person: User, seen: SeenReport) -> Remedies:
    """Return what the person may do about a report."""
    author = seen.people[seen.report.author_id]
    is_other = author.id != person.id and not author.is_erased
    may_deactivate = is_other and author.is_active and person.may("look after people")
    try:
        found = access.message(person, str(seen.report.message_id))
    except NotFound:
        return _from_outside(person, seen, may_deactivate=may_deactivate)
    mine = found.membership
    return Remedies(
        found.message.seq if mine.may("read") else None,
        may_delete=_may_delete(person, mine, found.message),
        may_ban=is_other and _may_ban(mine, author),
        may_deactivate=may_deactivate,
        may_own=not mine.may("ban") and _may_own(person, mine.room),
    )


def _from_outside(person: User, seen: SeenReport, *, may_deactivate: bool) -> Remedies:
    """Return what the person may do who is not in the room: look into a public one."""
    message_id = seen.report.message_id
    room_id = Message.room_of(message_id)
    room = Room.find(room_id) if room_id else None
    found = Message.find(message_id) if room else None
    return Remedies(
        found.seq if room and found and _may_look_into(person, room) else None,
        may_delete=False,
        may_ban=False,
        may_deactivate=may_deactivate,
        may_own=room is not None and found is not None and _may_own(person, room),
    )


def _may_look_into(person: User, room: Room) -> bool:
    try:
        memberships.must_let_in(person, Decision.now(room.id))
    except (Forbidden, NotFound):
        return False
    return True


def _may_own(person: User, room: Room) -> bool:
    return room.kind == "public" and person.may("look after rooms")


def _may_delete(person: User, mine: Membership, message: Message) -> bool:
    is_own = message.author.id == person.id
    return not message.deleted_at and mine.may("delete" if is_own else "delete others' messages")


def _may_ban(mine: Membership, author: User) -> bool:
    theirs = Membership.find(mine.room.id, author.id)
    return mine.may("ban") and (theirs is None or mine.reaches(theirs.role))
