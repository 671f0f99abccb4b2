"""In a lively room every other packet waits a moment for the next: a `send()` costs more than what it carries.

Whether it is worth waiting shows by itself: when nothing else was said meanwhile, nobody waits there for a while, the longer
the more often that happens. An answer to one client waits for nothing, nor does what is said to few; both take along what waits.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from chat.realtime import eventlet_hub as hub

if TYPE_CHECKING:
    from chat.realtime.flushing import Flusher
    from chat.realtime.wire import Wire

MANY = 20  # sockets: where there are fewer, there is little to save
PAIR_SECONDS = (
    0.04  # between two packets: then the next one is waited for, at most for as long again
)
LEAST_PAUSE, MOST_PAUSE = (
    0.05,
    1.6,
)  # seconds after it was waited in vain; twice as long each time until it is not


class Coalescing:
    """Of what is said in one room with MANY sockets in this process."""

    __slots__ = ("_flusher", "_held", "_last", "_not_before", "_pause", "_timer")

    def __init__(self, flusher: Flusher):
        self._flusher = flusher
        self._last = self._not_before = (
            0.0  # when the last packet was said; when it may be waited again
        )
        self._pause = LEAST_PAUSE
        self._held: list[Wire] = []  # have a packet that waits for the next
        self._timer: Any = None  # while it waits

    def note(self) -> list[Wire]:
        """A packet is being said: the list for those who have something to send now. Whoever appends to it wakes the flusher."""
        last, self._last = self._last, time.monotonic()
        if self._timer is not None:
            self._timer.cancel()
            self._pause = LEAST_PAUSE
            self._let_go()
        elif self._last - last < PAIR_SECONDS and self._last >= self._not_before:
            self._timer = hub.call_later(PAIR_SECONDS, self._give_up)
            return self._held
        return self._flusher.small

    def _give_up(self) -> None:
        self._not_before = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, MOST_PAUSE)
        self._let_go()
        self._flusher.wake()

    def _let_go(self) -> None:
        self._flusher.small += self._held
        self._held, self._timer = [], None
