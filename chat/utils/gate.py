"""A gate that many may wait at and that opens once: a threading.Event that costs nothing until somebody waits."""

from __future__ import annotations

import threading


class Gate:
    __slots__ = ("_waiting", "is_open")

    def __init__(self) -> None:
        self.is_open = False
        self._waiting: list[threading.Event] = []

    def open(self) -> None:
        self.is_open = True  # first: whoever comes between here and the next line finds it open
        for event in self._waiting:
            event.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it opened within so many seconds; with None, however long it takes."""
        if not self.is_open:
            event = threading.Event()
            self._waiting.append(event)
            if not self.is_open:
                event.wait(seconds)
        return self.is_open
