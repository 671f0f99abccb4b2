"""Place: the cursor of a list of messages that is ordered by time."""

from __future__ import annotations

from typing import NamedTuple

from chat.models.document import Id, id_from
from chat.utils.numbers import whole_number

LONGEST_NUMBER = 15  # digits


class Place(NamedTuple):
    """A message's position in a list sorted by the time of posting or pinning, then by id."""

    posted_at: int  # milliseconds since 1970
    message_id: Id

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """Return the place that `__str__` turned into this text; None for any other text."""
        posted_at, _, message_id = text.partition("-")
        found = id_from(message_id)
        moment = whole_number(posted_at, LONGEST_NUMBER)
        if found and moment is not None:
            return cls(moment, found)
        return None

    def __str__(self) -> str:
        return f"{self.posted_at}-{self.message_id}"
