"""A latch: many callers may wait at a latch, which opens once.

A latch works like a threading.Event, but costs nothing until somebody waits, and little then.
"""

from __future__ import annotations

import threading


class Latch:
    __slots__ = ("_waiting", "is_open")

    def __init__(self) -> None:
        self.is_open = False
        self._waiting: list[threading.Lock] = []

    def open(self) -> None:
        # Set this first, so that a caller that arrives before the next line finds the latch open.
        self.is_open = True
        waiting = self._waiting
        self._waiting = []
        for waiter in waiting:
            waiter.release()

    def wait(self, seconds: float | None = None) -> bool:
        """Return whether the latch opened within `seconds`; None waits without a limit."""
        if not self.is_open:
            waiter = threading.Lock()
            waiter.acquire()
            self._waiting.append(waiter)
            if not self.is_open:
                waiter.acquire(timeout=-1 if seconds is None else max(0.0, seconds))
        return self.is_open
