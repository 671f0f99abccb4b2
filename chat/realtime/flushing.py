"""One `send()` per socket and round, however many packets wait for it.

Nothing is delayed here as long as one thing is said at a time. When several people speak to a large audience at once, a round in
which it was served is followed by a rest, which leaves most of the time to others; what is said meanwhile goes out with the
same `send()`, which costs more than what it carries.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat.realtime import eventlet_hub as hub

if TYPE_CHECKING:
    from chat.realtime.wire import Wire

LARGE = 200  # sockets: a larger audience goes out in slices of so many, and small ones pass it
REST = 3.0  # times as long as a round of a large audience took, when most of it had several packets waiting


@dataclass(slots=True)
class Round:
    """The wires of large audiences that had something to send when it began are served once."""

    wires: int
    left: int  # of them, not served yet
    several: int = 0  # of those served, had more than one packet waiting
    seconds: float = 0.0  # that the slices took

    @property
    def rest(self) -> float:
        """Seconds."""
        return REST * self.seconds if 2 * self.several > self.wires else 0.0


class Flusher:
    """Knows which wires have something to send."""

    def __init__(self) -> None:
        self.small: list[Wire] = []  # whoever appends to one of these calls `wake`
        self.large: deque[Wire] = deque()
        self._small_due = self._large_due = False
        self._round: Round | None = None  # of the large audiences, while it lasts
        self._rests_until = 0.0

    def wake(self) -> None:
        if self.small and not self._small_due:
            self._small_due = True
            hub.call_soon(self._flush_small)
        if self.large and not self._large_due:
            self._flush_large_after(self._rests_until - time.perf_counter())

    def _flush_small(self) -> None:
        self._small_due = False
        wires, self.small = self.small, []
        _write(wires)

    def _flush_large_after(self, seconds: float) -> None:
        self._large_due = True
        if seconds > 0:
            hub.call_later(seconds, self._flush_large)
        else:
            hub.call_soon(self._flush_large)

    def _flush_large(self) -> None:
        began = time.perf_counter()
        this = self._round = self._round or Round(len(self.large), len(self.large))
        count = min(LARGE, this.left)
        this.left -= count
        this.several += _write([self.large.popleft() for _ in range(count)])
        moment = time.perf_counter()
        this.seconds += moment - began
        if this.left:
            self._flush_large_after(0)
            return
        self._round, self._rests_until, self._large_due = None, moment + this.rest, False
        self.wake()


def _write(wires: list[Wire]) -> int:
    """How many of them had more than one packet waiting."""
    several = 0
    same: list[bytes] = []
    data = b""
    for wire in wires:
        out = wire.out
        if not out or not wire.direct:
            continue  # it was written meanwhile, for it stood in another list too, and may not have been taken whole; or it is closed
        if len(out) == 1:
            wire.out = []
            wire.write(out[0])
            continue
        several += 1
        if out != same:  # an audience has the same packets waiting: they are joined once
            same, data = out, b"".join(out)
        wire.out = []
        wire.write(data)
    return several
