"""Resolve the names in a query: in which rooms a person searches, and whose messages.

A notice tells which names fit nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chat.controllers import access
from chat.models.document import Id, id_from
from chat.models.membership import Membership
from chat.models.search.query import Query
from chat.models.user import User
from chat.utils.folding import fold_name
from chat.utils.name_keys import keys_of

MOST_NAMED = 3  # people or rooms in one notice


@dataclass(frozen=True)
class Scope:
    """Where a search looks.

    `author_ids` is None for anybody's messages. `notices` are sentences: what names were taken for,
    or that nobody has them.
    """

    room_ids: list[Id]
    author_ids: set[Id] | None
    not_author_ids: frozenset[Id]
    notices: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Return whether nothing can be found."""
        return not self.room_ids or self.author_ids == set()


def scope_of(person: User, query: Query, room_id: str | None, author: str | None) -> Scope:
    """Return where to look. Raises NotFound."""
    notices: list[str] = []
    mine = (
        [access.membership(person, room_id).must("read")]
        if room_id
        else Membership.of_hidden_too(person.id)
    )
    rooms = [each for each in mine if each.may("read")]
    asked = [names for names in (query.authors, (author,) if author else ()) if names]
    authors = [_people(person, names, notices) for names in asked]
    not_authors = _people(person, query.not_authors, notices)
    left_out = _rooms(person, rooms, query.not_rooms, notices)
    found = (
        _rooms(person, rooms, query.rooms, notices)
        if query.rooms
        else {each.room.id for each in rooms}
    )
    return Scope(
        [each.room.id for each in rooms if each.room.id in found - left_out],
        set.intersection(*authors) if authors else None,
        frozenset(not_authors),
        tuple(dict.fromkeys(notices)),
    )


def _people(person: User, names: Iterable[str], notices: list[str]) -> set[Id]:
    found = set[Id]()
    for name in names:
        found |= _called(person, name, notices)
    return found


def _called(person: User, name: str, notices: list[str]) -> set[Id]:
    """Return the people with a name; if there are none, those whose name begins with it."""
    if fold_name(name) == "me":
        return {person.id}
    bare = name.removeprefix("@")
    found_id = id_from(bare)
    user = (User.find(found_id) if found_id else None) or User.find_by_username(bare)
    if user:
        return {user.id}
    if users := User.called(bare):
        return {each.id for each in users}
    if similar := User.search(bare):
        notices.append(
            f"Nobody is called {name}; these are messages of "
            f"{_listed([each.label for each in similar])}."
        )
        return {each.id for each in similar}
    notices.append(f"Nobody is called {name}.")
    return set()


def _rooms(
    person: User, rooms: list[Membership], names: Iterable[str], notices: list[str]
) -> set[Id]:
    found = set[Id]()
    for name in names:
        found |= _rooms_called(person, rooms, name, notices)
    return found


def _rooms_called(person: User, rooms: list[Membership], name: str, notices: list[str]) -> set[Id]:
    """Return the rooms with a name.

    If there are none, return those whose name begins with it, or the direct rooms with somebody.
    """
    key = fold_name(name).removeprefix("#").strip()
    if exact := {
        each.room.id
        for each in rooms
        if str(each.room.id) == key or fold_name(each.room.name) == key
    }:
        return exact
    if similar := [
        each.room
        for each in rooms
        if key and any(of_it.startswith(key) for of_it in _keys_of(each.room.name))
    ]:
        notices.append(
            f"You are in no room called {name}; this is what was said in "
            f"{_listed([room.name for room in similar])}."
        )
        return {room.id for room in similar}
    people = _called(person, name, [])
    if talks := {
        each.room.id for each in rooms if people.intersection(each.room.people) - {person.id}
    }:
        return talks
    notices.append(f"You are in no room called {name}.")
    return set()


def _keys_of(name: str) -> list[str]:
    """Return the keys by which a room's name may begin: from each word to the end."""
    words = fold_name(name).split()
    return [*keys_of(name), *(" ".join(words[start:]) for start in range(len(words)))]


def _listed(names: list[str]) -> str:
    rest = len(names) - MOST_NAMED
    shown = ", ".join(names[:MOST_NAMED])
    return f"{shown} and {rest} more" if rest > 0 else shown
