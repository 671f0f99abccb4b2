"""The lines of the program that sends: which message goes next, on which of its threads.

Services take turns. One that has not yet answered quickly, or no longer does, has a few lines of
those that such services share: so none makes another wait for longer than a request may take.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Any, NamedTuple

LATEST = 40.0  # seconds; a message without an answer after them counts as not sent
QUICK_LINES = 12  # requests under way at once, to services that answer quickly
OTHER_LINES = 8
OF_A_QUICK_SERVICE = 8
OF_ANOTHER_SERVICE = 3
MOST_SERVICES = 1000  # that are remembered as quick

Message = dict[str, Any]


class Task(NamedTuple):
    service: str
    is_quick: bool  # as far as it was known when a line took it
    message: Message


class Lines:
    """Threads that handle messages. `handle`: returns whether the service answered quickly."""

    def __init__(self, handle: Callable[[Message, str], bool]):
        self._handle = handle
        self._waiting: dict[str, deque[tuple[float, Message]]] = {}  # whose turn is next: first
        self._quick: dict[str, None] = {}
        self._busy: Counter[str | bool] = Counter()  # lines by service, and by whether it is quick
        self._changed = threading.Condition()
        for _ in range(QUICK_LINES + OTHER_LINES):
            threading.Thread(target=self._work, daemon=True).start()

    def put(self, service: str, message: Message) -> None:
        with self._changed:
            waiting = self._waiting.setdefault(service, deque())
            waiting.append((time.monotonic() + LATEST, message))
            self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                while (task := self._next()) is None:
                    self._changed.wait()
            was_quick = self._handle(task.message, task.service)
            with self._changed:
                self._busy.subtract((task.service, task.is_quick))
                self._note(task.service, is_quick=was_quick)

    def _next(self) -> Task | None:
        """Take the next message that has a line now. One that waited too long is dropped."""
        for service, waiting in self._waiting.items():
            while waiting and waiting[0][0] < time.monotonic():
                waiting.popleft()  # who gave it counts it as not sent by now
            is_quick = service in self._quick
            all_lines = QUICK_LINES if is_quick else OTHER_LINES
            own_lines = OF_A_QUICK_SERVICE if is_quick else OF_ANOTHER_SERVICE
            if self._busy[is_quick] < all_lines and self._busy[service] < own_lines:
                break
        else:
            return None
        del self._waiting[service]
        if not waiting:
            return self._next()
        self._busy.update((service, is_quick))
        _until, message = waiting.popleft()
        if waiting:
            self._waiting[service] = waiting
        return Task(service, is_quick, message)

    def _note(self, service: str, *, is_quick: bool) -> None:
        if not self._busy[service]:
            del self._busy[service]
        if is_quick and service not in self._quick:
            self._changed.notify_all()  # it has more lines now
        self._quick.pop(service, None)
        if is_quick:
            self._quick[service] = None
            while len(self._quick) > MOST_SERVICES:
                del self._quick[next(iter(self._quick))]
