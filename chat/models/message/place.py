"""Where a list that goes through time goes on."""

from __future__ import annotations

from typing import NamedTuple

from chat.models.document import Id, id_from


class Place(NamedTuple):
    """Where a message stands in a list: by when it was said, or pinned, then by its id."""

    said_at: int  # milliseconds since 1970
    message_id: Id

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """What `str` made; None for anything else."""
        said_at, _, message_id = text.partition("-")
        found = id_from(message_id)
        return cls(int(said_at), found) if found and said_at.isdecimal() and len(said_at) <= 15 else None

    def __str__(self) -> str:
        return f"{self.said_at}-{self.message_id}"
