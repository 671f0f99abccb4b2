"""What a person was called before they changed their display name, as their profile says it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple, Self

from chat.models.database import Record
from chat.utils.clock import now

SHOWN_FOR = timedelta(days=30)


class EarlierName(NamedTuple):
    """`until`: when the person gave it up."""

    name: str
    until: datetime

    @classmethod
    def of(cls, record: Record) -> Self | None:
        """Return it from a record in `users`; None if it is no longer shown."""
        stored = record.get("earlier_name")
        if stored is None or stored["until"] <= now() - SHOWN_FOR:
            return None
        return cls(stored["name"], stored["until"])

    @classmethod
    def after(cls, display_name: str, shown: Self | None, following: str) -> Self | None:
        """Return the earlier name of somebody who changes `display_name` into the following one.

        The one that is `shown` stays: by several changes at once nobody hides who they were.
        """
        earlier = shown or cls(display_name, now())
        return None if earlier.name == following else earlier
