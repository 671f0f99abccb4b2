"""The journal of a run's clients: every acknowledgement, every cut, every anomaly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Acknowledged:
    """A message that the chat acknowledged.

    Times are of the monotonic clock; `began` is that of the last try.
    """

    began: float
    at: float
    client: int
    tries: int
    room_id: str
    seq: int
    message_id: str
    author_id: str
    client_id: str
    body: str


@dataclass(frozen=True)
class Wish:
    """The expected state of a message, by its author's last acknowledged change.

    It has a body, or is deleted, and has a reaction or none.
    """

    kind: str  # body, deleted, reaction; unknown: a change is under way
    value: Any


@dataclass
class Journal:
    acknowledged: list[Acknowledged] = field(default_factory=list)
    # (message id, what of it) -> the last wish
    wishes: dict[tuple[str, str], Wish] = field(default_factory=dict)
    # client_ids of messages that were sent and never answered
    unacknowledged: set[str] = field(default_factory=set)
    cuts: list[tuple[float, int]] = field(default_factory=list)  # a client lost its socket
    greetings: list[tuple[float, int]] = field(default_factory=list)  # a client received hello
    refusals: list[float] = field(default_factory=list)  # seconds until `unavailable` was answered
    silences: int = 0  # calls that nobody answered in time
    gaps: int = 0  # live events that did not come
    # Live events out of order, or twice on one socket.
    disorders: list[str] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)  # answers that no client should ever get
    goodbyes: int = 0  # times the server announced that it stops
