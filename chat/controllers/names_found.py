"""Find the people and rooms that a search names, to be shown above the messages."""

from __future__ import annotations

from typing import NamedTuple

from chat.controllers import people, rooms
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.search.query_parts import parts_of
from chat.models.user import User

MOST_NAMES = 5
MOST_ROOMS = 3  # if there are people, too
LONGEST_NAME = 64  # characters


class NamesFound(NamedTuple):
    """Rooms, each with the person's membership, if any, and people: MOST_NAMES at most."""

    rooms: list[tuple[Room, Membership | None]]
    people: list[User]


def names_found(person: User, q: str) -> NamesFound:
    """Return the person's rooms, public rooms and people that `q` names.

    Return none unless `q` is plain words: filters, phrases and excluded words ask for messages.
    """
    if not q or len(q) > LONGEST_NAME or not _is_plain(q):
        return NamesFound([], [])
    places = _rooms(person, q)
    users = people.search(q)
    count = min(len(places), max(MOST_ROOMS, MOST_NAMES - len(users)), MOST_NAMES)
    return NamesFound(places[:count], users[: MOST_NAMES - count])


def _rooms(person: User, q: str) -> list[tuple[Room, Membership | None]]:
    """Return rooms with `q` in their names: the person's own, then public ones. No direct rooms."""
    own = [mine for mine, _reading in rooms.named(person, q).items if mine.room.kind != "direct"]
    ids = {mine.room.id for mine in own}
    public = rooms.browse(person, q).items
    return [
        *((mine.room, mine) for mine in own),
        *((room, mine) for room, mine in public if room.id not in ids),
    ]


def _is_plain(q: str) -> bool:
    return not any(part.name or part.is_quoted or part.left_out for part in parts_of(q))
