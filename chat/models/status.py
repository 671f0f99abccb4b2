"""A person's status: what they tell everybody of the next hours, such as "🏖️ on holiday"."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Self

from chat.models import personal
from chat.models.document import Id
from chat.utils.clock import now, rfc3339

FIELD = "status"  # of a record in `users`
STEP = 256  # bytes
USUAL_EMOJI = "💬"


class Status(NamedTuple):
    """`emoji`: one. `until`: when it ends; None if its person ends it."""

    emoji: str
    text: str
    until: datetime | None

    @classmethod
    def unseal(cls, user_id: Id, sealed: bytes | None) -> Self | None:
        found = personal.unseal(user_id, FIELD, sealed)
        if not found:
            return None
        emoji, text, until = found
        return cls(emoji, text, datetime.fromisoformat(until) if until else None)

    def seal(self, user_id: Id) -> bytes:
        until = rfc3339(self.until) if self.until else None
        return personal.seal(user_id, FIELD, [self.emoji, self.text, until], STEP)

    @property
    def has_ended(self) -> bool:
        return self.until is not None and self.until <= now()
