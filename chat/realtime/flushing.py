"""One `send()` per socket and round, however many packets wait for it.

Nothing is delayed as long as the loop keeps up. When more is said to a large audience while it is being served, its sockets
are served no faster than leaves most of the time to others; what is said meanwhile goes out with the same `send()`.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from chat.realtime import eventlet_hub as hub

if TYPE_CHECKING:
    from chat.realtime.wire import Wire

LARGE = 200   # sockets: a larger audience goes out in slices of so many, and small ones pass it
REST = 3.0    # times as long as a slice took is left to others, when more keeps coming


class Flusher:
    """Knows which wires have something to send."""

    def __init__(self) -> None:
        self.small: list[Wire] = []          # whoever appends to one of these calls `wake`
        self.large: deque[Wire] = deque()
        self._small_due = self._large_due = False
        self._left = 0                       # wires of the large audiences that this round has not served yet

    def wake(self) -> None:
        if self.small and not self._small_due:
            self._small_due = True
            hub.call_soon(self._flush_small)
        if self.large and not self._large_due:
            self._large_due = True
            hub.call_soon(self._flush_large)

    def _flush_small(self) -> None:
        self._small_due = False
        wires, self.small = self.small, []
        _write(wires)

    def _flush_large(self) -> None:
        began = time.perf_counter()
        if self._left <= 0:
            self._left = len(self.large)
        count = min(LARGE, len(self.large))
        self._left -= count
        _write([self.large.popleft() for _ in range(count)])
        self._large_due = bool(self.large)
        if len(self.large) > max(0, self._left):
            hub.call_later(REST * (time.perf_counter() - began), self._flush_large)
        elif self.large:
            hub.call_soon(self._flush_large)


def _write(wires: list[Wire]) -> None:
    same: list[bytes] = []
    data = b""
    for wire in wires:
        out = wire.out
        if not out:
            continue  # closed meanwhile
        if len(out) == 1:
            wire.out = []
            wire.write(out[0])
            continue
        if out != same:  # an audience has the same packets waiting: they are joined once
            same, data = out, b"".join(out)
        wire.out = []
        wire.write(data)
