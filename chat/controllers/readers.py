"""Tell a room's members who can read it."""

from __future__ import annotations

from typing import NamedTuple

from chat.controllers import access
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.user import User


class Readers(NamedTuple):
    """A room, and how many members read it."""

    room: Room
    members: int


def of(person: User, room_id: str) -> Readers:
    """Return who can read a room, for its members. Raises NotFound."""
    room = access.membership(person, room_id).must("list members").room
    return Readers(room, len(room.people) or Membership.count(room.id))
