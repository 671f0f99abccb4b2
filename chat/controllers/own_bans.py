"""Tell people which rooms they are banned from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chat.controllers.memberships import must_not_be_banned
from chat.models.ban import Ban
from chat.models.document import Id, id_from
from chat.models.membership.decision import Decision
from chat.models.room import Room
from chat.models.user import User


def ends_among(person: User, rooms: Iterable[Room]) -> dict[Id, datetime | None]:
    """Return the rooms of these that the person is banned from, each with when the ban ends.

    None: when somebody lifts it.
    """
    return Ban.ends_for(person.id, [room.id for room in rooms])


def tell_of_ban(person: User, room_id: str) -> None:
    """Raise Banned if a ban keeps the person out of a room that they were in.

    It may be a private room: somebody who was never in it does not learn that it exists.
    """
    found_id = id_from(room_id)
    if not found_id or not Ban.of(found_id, person.id):
        return
    room = Room.find_now(found_id)
    if room and Decision.now(room.id).why_ended(person.id):
        must_not_be_banned(room, person, person)
