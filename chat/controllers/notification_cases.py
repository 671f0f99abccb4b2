"""Put together what the rules of notifications ask: about a message, and about each person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from chat.models.document import Id, id_from
from chat.models.membership import Membership
from chat.models.notification_rules import Case
from chat.models.room import Room
from chat.models.user import User


@dataclass(frozen=True)
class Post:
    """A posted message, as the rules of notifications see it."""

    message: dict[str, Any]  # a MessageView
    room: Room
    author_id: Id
    at: datetime
    named: frozenset[Id]

    @classmethod
    def of(cls, message: dict[str, Any], room: Room) -> Self:
        author_id = id_from(message["author"]["id"])
        assert author_id
        named = frozenset(filter(None, map(id_from, message["mentions"])))
        return cls(message, room, author_id, datetime.fromisoformat(message["created_at"]), named)

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
            notify=user.preferences.notify,
            level=level,
            is_named=user.id in self.named,
            names_room=self.message["mentions_room"],
            is_direct=self.room.kind == "direct",
        )
