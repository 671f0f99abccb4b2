"""Coalesce packets in lively rooms: one `send()` costs more than the data it carries.

Every other packet waits briefly for the next one. If no second packet comes, the room stops waiting
for a pause, which grows each time this repeats. An answer to one client and a packet for a small
audience never wait; both are sent together with the packets that wait.
"""

from __future__ import annotations

import time
from typing import Any

from chat.realtime import loop
from chat.realtime.transport.flushing import Flusher, Written
from chat.realtime.transport.interfaces import Writable

MANY = 20  # sockets of an audience; a smaller audience gains little
# Seconds between two packets. At this pace a packet waits for the next one, at most as long again.
PAIR_SECONDS = 0.04
# Seconds without waiting, after no second packet came; doubled each time until one comes.
LEAST_PAUSE = 0.05
MOST_PAUSE = 1.6


class Coalescing:
    """The coalescing of packets for one room with MANY sockets in this process."""

    __slots__ = ("_flusher", "_last", "_not_before", "_pause", "_timer", "_waiting", "_written")

    def __init__(self, flusher: Flusher):
        self._flusher = flusher
        self._last = 0.0  # when the last packet was sent
        self._not_before = 0.0  # when a packet may wait again
        self._pause = LEAST_PAUSE
        self._waiting: list[Writable] = []  # WebSockets with a packet that waits for the next
        self._written: list[Written] = []  # to be called when that packet is written
        self._timer: Any = None  # the timer of the current wait

    def note(self) -> list[Writable]:
        """Record a packet; return the list of WebSockets to write. The caller wakes the flusher."""
        last = self._last
        self._last = time.monotonic()
        if self._timer is not None:
            self._timer.cancel()
            self._pause = LEAST_PAUSE
            self._release()
        elif self._last - last < PAIR_SECONDS and self._last >= self._not_before:
            self._timer = loop.call_later(PAIR_SECONDS, self._time_is_up)
            return self._waiting
        return self._flusher.small

    def when_written(self, call: Written) -> None:
        """Call this once the packet that was recorded last is written."""
        if self._timer is not None:
            self._written.append(call)
        else:
            self._flusher.small_written.append(call)

    def _time_is_up(self) -> None:
        self._not_before = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, MOST_PAUSE)
        self._release()
        self._flusher.wake()

    def _release(self) -> None:
        self._flusher.small += self._waiting
        self._flusher.small_written += self._written
        self._waiting = []
        self._written = []
        self._timer = None
