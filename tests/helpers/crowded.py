"""A person in very many rooms, written directly into the database: the API would take minutes."""

from __future__ import annotations

from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.room import Room
from tests.helpers.world import Person


def direct_room(*user_ids: Id) -> Room:
    """Return the direct room of these people, in each one's list as if it had a message."""
    room, _ = Room.direct(set(user_ids))
    for user_id in user_ids:
        Membership.begin_direct(room, user_id)
    for membership in Membership.within(room):
        membership.list_again()
    return room


def put_into_rooms(person: Person, count: int, *others: Person, name: str = "Room") -> list[str]:
    """Return the ids of new private rooms, `name` 0, 1, …, in the order of the person's joining.

    `others` own them.
    """
    ids = []
    for number in range(count):
        room = Room.prepare("private", f"{name} {number}", "")
        room.open()
        for each in (*others, person):
            Membership.begin(
                room, Id(each.id), "member" if each is person and others else "owner", 0
            )
        ids.append(str(room.id))
    return ids
