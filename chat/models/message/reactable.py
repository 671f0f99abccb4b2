"""Reactable: everybody in the room may put emoji on a message, each once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from chat.models.database import Record
from chat.models.document import Id
from chat.models.log import REACTED
from chat.models.user import User
from chat.utils.errors import ValidationFailed

if TYPE_CHECKING:
    from chat.models.message import Message

MOST_KINDS = 50  # of emoji on one message
MOST_REACTIONS = 1_000  # on one message, of all kinds: every reader gets the list of who reacted


class Reactable:
    id: Id
    room_id: Id

    if TYPE_CHECKING:

        def change(self, actor: User, decide: Callable[[Record], Record | None]) -> Message: ...
        @classmethod
        def seal_reaction(cls, record: Record, emoji: str) -> Record: ...

    def react(self, actor: User, emoji: str, *, on: bool) -> Message:
        """Put the actor's emoji on the message, or take it off; return the message. Idempotent.

        Raises Conflict, ValidationFailed, Unavailable.
        """

        def decide(record: Record) -> Record | None:
            reaction = self.seal_reaction(record, emoji)
            there = {kept["key"]: kept["user_ids"] for kept in record.get("reactions", ())}
            if (actor.id in there.get(reaction["key"], ())) == on:
                return None
            if on and reaction["key"] not in there and len(there) >= MOST_KINDS:
                raise ValidationFailed(
                    fields={"emoji": f"A message holds {MOST_KINDS} kinds of emoji."}
                )
            if on and sum(map(len, there.values())) >= MOST_REACTIONS:
                raise ValidationFailed(
                    fields={"emoji": f"A message holds {MOST_REACTIONS} reactions."}
                )
            return {"event": REACTED, "reaction": reaction, "on": on}

        return self.change(actor, decide)
