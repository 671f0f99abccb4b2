"""What the clients of a run wrote down: every acknowledgement, every cut, everything that surprised them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Acknowledged:
    """A message that the chat said it keeps. Times are of the monotonic clock, `began` of the last try."""

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
    """How a message must be at the end, by its author's last acknowledged change: a body, deleted, or with a reaction or without."""

    kind: str  # body, deleted, reaction; unknown: a change is under way
    value: Any


@dataclass
class Journal:
    acknowledged: list[Acknowledged] = field(default_factory=list)
    wishes: dict[tuple[str, str], Wish] = field(
        default_factory=dict
    )  # (message id, what of it) -> the last one
    unacknowledged: set[str] = field(
        default_factory=set
    )  # client_ids that were sent and never answered
    cuts: list[tuple[float, int]] = field(default_factory=list)  # a client lost its socket
    greetings: list[tuple[float, int]] = field(default_factory=list)  # a client heard hello
    refusals: list[float] = field(default_factory=list)  # seconds until `unavailable` was answered
    silences: int = 0  # calls that nobody answered in time
    gaps: int = 0  # live events that did not come
    disorders: list[str] = field(
        default_factory=list
    )  # live events out of order, or twice on one socket
    surprises: list[str] = field(default_factory=list)  # what no client should ever be answered
    goodbyes: int = 0  # times the server said that it goes
