"""A latch that many may wait at and that opens once: a threading.Event that costs nothing until somebody waits, and little then."""

from __future__ import annotations

import threading


class Latch:
    __slots__ = ("_waiting", "is_open")

    def __init__(self) -> None:
        self.is_open = False
        self._waiting: list[threading.Lock] = []

    def open(self) -> None:
        self.is_open = True  # first: whoever comes between here and the next line finds it open
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            waiter.release()

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it opened within so many seconds; with None, however long it takes."""
        if not self.is_open:
            waiter = threading.Lock()
            waiter.acquire()
            self._waiting.append(waiter)
            if not self.is_open:
                waiter.acquire(timeout=-1 if seconds is None else max(0.0, seconds))
        return self.is_open
