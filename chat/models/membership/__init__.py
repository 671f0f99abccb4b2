"""A membership: a person in a room. Only through it does a person reach the room's messages."""

from __future__ import annotations

from chat.models.membership.adjustable import Adjustable
from chat.models.membership.joinable import Joinable
from chat.models.membership.of_person import OfPerson
from chat.models.membership.of_room import OfRoom

__all__ = ["Membership"]


class Membership(Joinable, Adjustable, OfPerson, OfRoom):
    """Somebody's membership of a room: found by person or room, it begins, changes and ends."""
