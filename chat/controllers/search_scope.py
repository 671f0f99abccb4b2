"""Resolve the names in a query: the rooms in which a person searches, and the authors.

A notice tells the person which names match nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chat.controllers import access
from chat.models.document import Id, id_from
from chat.models.membership import Membership
from chat.models.search.query import Query
from chat.models.user import User
from chat.models.user_search import known_names, people_called, people_starting_with
from chat.utils.folding import fold_name
from chat.utils.name_keys import keys_of
from chat.utils.translation import _

MOST_NAMED = 3  # people or rooms in one notice


@dataclass(frozen=True)
class Scope:
    """The rooms and authors of a search.

    `author_ids` is None for everybody's messages. `notices`: sentences that say how names were
    understood, or that nobody has them.
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
    """Return the rooms and authors of a search. Raises NotFound."""
    notices: list[str] = []
    if room_id:
        mine = [access.membership(person, room_id).must("read")]
    else:
        mine = Membership.of_hidden_too(person.id)
    rooms = [each for each in mine if each.may("read")]
    author_ids = _author_ids(person, query, author, notices)
    not_author_ids = frozenset(_people(person, query.not_authors, notices))
    room_ids = {each.room.id for each in rooms} - _rooms(person, rooms, query.not_rooms, notices)
    if query.rooms:
        room_ids &= _rooms(person, rooms, query.rooms, notices)
    return Scope(
        [each.room.id for each in rooms if each.room.id in room_ids],
        author_ids,
        not_author_ids,
        tuple(dict.fromkeys(notices)),
    )


def _author_ids(
    person: User, query: Query, author: str | None, notices: list[str]
) -> set[Id] | None:
    """Return the people whose messages are searched; None for everybody's."""
    asked = []
    if query.authors:
        asked.append(_people(person, query.authors, notices))
    if author:
        asked.append(_people(person, [author], notices))
    return set.intersection(*asked) if asked else None


def names_among(person: User, filter_name: str, texts: set[str]) -> set[str]:
    """Return the texts that are names of people or, after `in:`, of this person's rooms."""
    found = known_names(texts)
    if filter_name == "in":
        mine = Membership.of_hidden_too(person.id)
        rooms = {fold_name(each.room.name) for each in mine if each.may("read")}
        found |= {text for text in texts if fold_name(text) in rooms}
    return found


def _people(person: User, names: Iterable[str], notices: list[str]) -> set[Id]:
    found = set[Id]()
    for name in names:
        found |= _called(person, name, notices)
    return found


def _called(person: User, name: str, notices: list[str]) -> set[Id]:
    """Return the people with a name or, if nobody has it, people whose names begin with it."""
    if fold_name(name) == "me":
        return {person.id}
    bare = name.removeprefix("@")
    found_id = id_from(bare)
    if found_id and User.find(found_id):
        return {found_id}
    if user := User.find_by_username(bare):
        return {user.id}
    if users := people_called(bare):
        return {each.id for each in users}
    if similar := people_starting_with(bare):
        notices.append(
            _(
                "No one is called {name}; these are messages of {people}.",
                name=name,
                people=_listed([each.label for each in similar]),
            )
        )
        return {each.id for each in similar}
    notices.append(_("No one is called {name}.", name=name))
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

    If there are none, return rooms whose name begins with it, or direct rooms with a person of that
    name.
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
            _(
                "You are in no room called {name}; these are messages in {rooms}.",
                name=name,
                rooms=_listed([room.name for room in similar]),
            )
        )
        return {room.id for room in similar}
    people = _called(person, name, [])
    if talks := {
        each.room.id for each in rooms if people.intersection(each.room.people) - {person.id}
    }:
        return talks
    notices.append(_("You are in no room called {name}.", name=name))
    return set()


def _keys_of(name: str) -> list[str]:
    """Return the parts of a room's name that a search may begin with: from each word to the end."""
    words = fold_name(name).split()
    return [*keys_of(name), *(" ".join(words[start:]) for start in range(len(words)))]


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    if len(names) <= MOST_NAMED:
        return shown
    return _("{names} and {count} more", names=shown, count=len(names) - MOST_NAMED)
