"""A person's own reminders: which there are, and which go."""

from __future__ import annotations

from typing import NamedTuple

from chat.controllers import access, rooms
from chat.models.key_ring import key_ring
from chat.models.membership import Membership
from chat.models.reminder import Reminder
from chat.models.user import User
from chat.utils.encryption import CannotOpen


class OwnReminder(NamedTuple):
    """`body`: what will be said; empty if it is damaged.

    `membership`: of the room in which it will be said; None if the person is no longer there: then
    nothing will.
    """

    reminder: Reminder
    body: str
    membership: Membership | None


def list_of(person: User) -> list[OwnReminder]:
    """Return the person's reminders, the next one first."""
    reminders = Reminder.of_person(person.id)
    room_ids = {each.room_id for each in reminders}
    own = {mine.room.id: mine for mine in rooms.memberships_of(person, map(str, room_ids))}
    key_ring.load(room_ids)
    return [OwnReminder(each, _body(each), own.get(each.room_id)) for each in reminders]


def delete(person: User, reminder_id: str) -> None:
    """Delete a reminder before it is said. Raises NotFound."""
    access.reminder(person, reminder_id).remove()


def find(person: User, reminder_id: str) -> OwnReminder:
    """Return one of the person's reminders. Raises NotFound."""
    found = access.reminder(person, reminder_id)
    own = rooms.memberships_of(person, [str(found.room_id)])
    return OwnReminder(found, _body(found), own[0] if own else None)


def _body(reminder: Reminder) -> str:
    try:
        return reminder.opened().body
    except CannotOpen:
        return ""
