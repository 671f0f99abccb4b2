"""Reactable: everybody in the room may put each emoji on a message once."""

from __future__ import annotations

from typing import Self

from chat.models.database import Record
from chat.models.log import REACTED
from chat.models.message.changeable import Changeable, ChangedMessage
from chat.models.user import User
from chat.utils.errors import ValidationFailed
from chat.utils.translation import _

MOST_KINDS = 50  # different emoji on one message
MOST_REACTIONS = 1_000  # on one message: every reader gets the list of everybody who reacted


class Reactable(Changeable):
    def react(self, actor: User, emoji: str, *, on: bool) -> ChangedMessage[Self]:
        """Put the actor's emoji on the message, or take it off. Idempotent.

        Raises Conflict, ValidationFailed, Unavailable.
        """

        def decide(record: Record) -> Record | None:
            reaction = self.seal_reaction(record, emoji)
            there = {each["key"]: each["user_ids"] for each in record.get("reactions", ())}
            if (actor.id in there.get(reaction["key"], ())) == on:
                return None
            if on and reaction["key"] not in there and len(there) >= MOST_KINDS:
                raise ValidationFailed(
                    fields={"emoji": _("A message holds {most} kinds of emoji.", most=MOST_KINDS)}
                )
            if on and sum(map(len, there.values())) >= MOST_REACTIONS:
                raise ValidationFailed(
                    fields={
                        "emoji": _(
                            "A message holds {most} reactions.",
                            most=MOST_REACTIONS,
                        )
                    }
                )
            return {"event": REACTED, "reaction": reaction, "on": on}

        return self.change(actor, decide)
