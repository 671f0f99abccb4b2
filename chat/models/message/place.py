"""Place: the cursor of a list of messages that is ordered by time."""

from __future__ import annotations

from typing import NamedTuple

from chat.models.document import Id, id_from


class Place(NamedTuple):
    """A message's position in a list sorted by the time of posting or pinning, then by id."""

    posted_at: int  # milliseconds since 1970
    message_id: Id

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """Return the place that `__str__` turned into this text; None for any other text."""
        posted_at, _, message_id = text.partition("-")
        found = id_from(message_id)
        if found and posted_at.isdecimal() and len(posted_at) <= 15:
            return cls(int(posted_at), found)
        return None

    def __str__(self) -> str:
        return f"{self.posted_at}-{self.message_id}"
