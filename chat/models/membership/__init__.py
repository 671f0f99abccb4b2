"""Membership: a person in a room. Only a membership gives access to the room's messages."""

from __future__ import annotations

from chat.models.membership.adjustable import Adjustable
from chat.models.membership.joinable import Joinable
from chat.models.membership.of_person import OfPerson
from chat.models.membership.of_room import OfRoom

__all__ = ["Membership"]


class Membership(Joinable, Adjustable, OfPerson, OfRoom):
    """A person's membership of a room, with everything that a program can do with it."""
