"""One client's copy of one room, by the rules of docs/events.md."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

Entry = dict[str, Any]
Place = tuple[int, str, str]  # seq, event, message id


class Copy(NamedTuple):
    """A message as the client would show it."""

    version: int
    body: str
    deleted: bool
    reactions: tuple[tuple[str, tuple[str, ...]], ...]


class Timeline:
    def __init__(self) -> None:
        self.places: list[Place] = []
        self.taken_at: list[float] = []  # of each place, by the monotonic clock
        self.messages: dict[str, Copy] = {}
        self.wanted = 0  # the greatest seq that this client was told of

    @property
    def last(self) -> int:
        return self.places[-1][0] if self.places else 0

    @property
    def lacks(self) -> bool:
        return self.wanted > self.last

    def taken(self) -> dict[int, float]:
        """Return when each seq was taken."""
        return {seq: at for (seq, _, _), at in zip(self.places, self.taken_at, strict=True)}

    def hear(self, entry: Entry, *, gaps_too: bool = False) -> None:
        """Take an entry if it is the next one; note the head of a later one.

        `gaps_too`: take a later one, too, like a careless client.
        """
        seq = entry["seq"]
        self.wanted = max(self.wanted, seq)
        if seq == self.last + 1 or (gaps_too and seq > self.last):
            self.places.append(place_of(entry))
            self.taken_at.append(time.monotonic())
            self._show(entry["message"])

    def _show(self, message: dict[str, Any]) -> None:
        known = self.messages.get(message["id"])
        if known is None or message["version"] > known.version:
            self.messages[message["id"]] = copy_of(message)


def place_of(entry: Entry) -> Place:
    return entry["seq"], entry["event"], entry["message"]["id"]


def copy_of(message: dict[str, Any]) -> Copy:
    reactions = tuple(
        sorted(
            (reaction["emoji"], tuple(sorted(reaction["user_ids"])))
            for reaction in message["reactions"]
        )
    )
    return Copy(message["version"], message["body"], message["deleted_at"] is not None, reactions)
