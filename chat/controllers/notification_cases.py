"""Put together what the rules of notifications ask: about a message, and about each person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from chat.models import block, keywords
from chat.models.document import Id, id_from
from chat.models.membership import Membership
from chat.models.membership.cache import Wants
from chat.models.notification_rules import Case
from chat.models.room import Room
from chat.models.user import User


def wants_in(room_id: Id) -> Wants:
    """Return who in a room wants to be notified of more than mentions."""
    return Membership.wants_in(room_id, keywords.of_everybody)


def forget_wants() -> None:
    """Drop what this process knows of it in all rooms: what a person prefers has changed."""
    keywords.forget()
    Membership.forget_wants()


@dataclass(frozen=True)
class Post:
    """A posted message, as the rules of notifications see it."""

    message: dict[str, Any]  # a MessageView
    room: Room
    author_id: Id
    answering: frozenset[Id]  # the author, and a bot's owner: who blocks one of them hears nothing
    at: datetime
    named: frozenset[Id]
    finders: frozenset[Id]  # people of whose keywords the message has one

    @classmethod
    def of(cls, message: dict[str, Any], room: Room, wanted: Mapping[Id, keywords.Phrases]) -> Self:
        """Return a MessageView as a post. `wanted`: the keywords of people to look for."""
        author_id = id_from(message["author"]["id"])
        assert author_id
        named = frozenset(filter(None, map(id_from, message["mentions"])))
        at = datetime.fromisoformat(message["created_at"])
        finders = keywords.who_finds(message["body"] or "", wanted)
        answering = _answering(author_id, is_bot=message["author"]["is_bot"])
        return cls(message, room, author_id, answering, at, named, finders)

    def blocking_among(self, people: Iterable[Id]) -> set[Id]:
        """Return those of some people who block whoever answers for the message."""
        return block.blocking_any_among(people, self.answering)

    def case_of(self, user: User, membership: Membership, *, blocks_author: bool) -> Case:
        """Return the case of a person in the room."""
        return self.case_at(
            user,
            membership.notifications,
            joined_later=membership.joined_at > self.at,
            blocks_author=blocks_author,
        )

    def case_at(self, user: User, level: str, *, joined_later: bool, blocks_author: bool) -> Case:
        """Return the case of a person by the level that they have in the room."""
        return Case(
            is_own=user.id == self.author_id,
            joined_later=joined_later,
            blocks_author=blocks_author,
            forbids_disturbing=user.preferences.forbid_disturbing(self.at),
            is_quiet=user.preferences.are_quiet(self.at),
            notify=user.preferences.notify,
            level=level,
            is_named=user.id in self.named,
            names_room=self.message["mentions_room"],
            has_keyword=user.id in self.finders,
            is_direct=self.room.kind == "direct",
        )


def _answering(author_id: Id, *, is_bot: bool) -> frozenset[Id]:
    author = User.find(author_id) if is_bot else None  # None as well: an app has no account
    return author.answering_ids if author else frozenset((author_id,))
