"""Deadlines after a fixed time: for pings, for missing pongs, for clients that never connect.

One timer serves all deadlines of a kind.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from chat.realtime import loop

AT_ONCE = 500  # deadlines handled in a row, after which the loop does other work
# Seconds between two sweeps. A timer for each ping of two thousand idle clients would leave the
# loop no rest.
SWEEP_SECONDS = 0.05

Thing = TypeVar("Thing")


class Deadlines(Generic[Thing]):
    """A queue that calls `function(thing, deadline)` about `seconds` after `add(thing)`.

    `add` returns the deadline. Calls come one or two SWEEP_SECONDS early, because the other side
    measures the same time. They are late only if more than AT_ONCE are due or the loop is late.
    Entries are never removed, so `function` checks whether the deadline still matters. All
    entries have the same delay, so the queue is in the order of the deadlines.
    """

    def __init__(self, seconds: float, function: Callable[[Thing, float], None]):
        self._seconds = seconds
        self._function = function
        self._waiting: deque[tuple[Thing, float]] = deque()
        self._armed = False

    def add(self, thing: Thing) -> float:
        deadline = time.monotonic() + self._seconds
        self._waiting.append((thing, deadline))
        if not self._armed:
            self._armed = True
            self._sweep_at(deadline, time.monotonic())
        return deadline

    def _sweep_at(self, deadline: float, now: float) -> None:
        loop.call_later(max(0.001, deadline - SWEEP_SECONDS - now), self._sweep)

    def _sweep(self) -> None:
        now = time.monotonic()
        for _ in range(AT_ONCE):
            if not self._waiting or self._waiting[0][1] > now + 2 * SWEEP_SECONDS:
                break
            self._function(*self._waiting.popleft())
        self._armed = bool(self._waiting)
        if self._armed:
            self._sweep_at(self._waiting[0][1], now)
