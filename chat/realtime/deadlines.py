"""What is due after a fixed time: pings, missing pongs, sessions that never connect. One timer for all of a kind."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from chat.realtime import eventlet_hub as hub

AT_ONCE = 500  # of many that are due together; then everybody else has a turn
SWEEP_SECONDS = 0.05  # between two sweeps: a loop that wakes for every ping of two thousand idle clients is never idle itself

Thing = TypeVar("Thing")


class Deadlines(Generic[Thing]):
    """Calls `function(thing, deadline)` `seconds` after `add(thing)` returned that deadline, less one or two SWEEP_SECONDS.

    Early rather than late, for the other side reckons with the same time; later only where more than AT_ONCE are due together,
    or the loop is. Nothing is ever taken out: whoever is called looks whether it
    still matters. All wait equally long, so a queue keeps them in order.
    """

    def __init__(self, seconds: float, function: Callable[[Thing, float], None]):
        self._seconds, self._function = seconds, function
        self._waiting: deque[tuple[float, Thing]] = deque()
        self._armed = False

    def add(self, thing: Thing) -> float:
        deadline = time.monotonic() + self._seconds
        self._waiting.append((deadline, thing))
        if not self._armed:
            self._armed = True
            self._sweep_at(deadline, time.monotonic())
        return deadline

    def _sweep_at(self, deadline: float, now: float) -> None:
        hub.call_later(max(0.001, deadline - SWEEP_SECONDS - now), self._sweep)

    def _sweep(self) -> None:
        now = time.monotonic()
        for _ in range(AT_ONCE):
            if not self._waiting or self._waiting[0][0] > now + 2 * SWEEP_SECONDS:
                break
            deadline, thing = self._waiting.popleft()
            self._function(thing, deadline)
        self._armed = bool(self._waiting)
        if self._armed:
            self._sweep_at(self._waiting[0][0], now)
