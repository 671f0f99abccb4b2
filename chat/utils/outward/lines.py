"""The lines of the program that sends: which message goes next, on which of its threads.

Owners of messages take turns; of one owner's messages the one that is due for longest goes first,
so none of them waits for ever, even where it waited too long before. A service that has not yet
answered quickly, or no longer does, has a few lines of those that such services share, and so has
an owner of many such services. Of the lines for quick services no owner has more than are free, so
that some are left for others: nobody makes others wait for long.
"""

from __future__ import annotations

import logging
import threading
import time
from bisect import insort
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

LATEST = 40.0  # seconds; a message without an answer after them counts as not sent
QUICK_LINES = 16  # requests under way at once, to services that answer quickly
OTHER_LINES = 8
OF_A_QUICK_SERVICE = 8
OF_ANOTHER_SERVICE = 3
OF_AN_OWNER = 3  # to all its other services; not less, because some services are their own owners
MOST_SERVICES = 1000  # of which it is remembered whether they are quick

Message = dict[str, Any]


class Waits(NamedTuple):
    """A message that waits: due `since` then, too late from `until` on; monotonic seconds."""

    since: float
    until: float
    message: Message


Waiting = list[Waits]  # the one that is due for longest first

logger = logging.getLogger(__name__)


class Task(NamedTuple):
    owner: str
    service: str
    is_quick: bool  # as far as it was known when a line took it
    message: Message


class Lines:
    """Threads that handle messages. `handle`: returns whether the service answered quickly."""

    def __init__(self, handle: Callable[[Message, str], bool]):
        self._handle = handle
        # By owner and by service, whose turn is next: first.
        self._waiting: dict[str, dict[str, Waiting]] = {}
        self._quick: dict[str, bool] = {}  # services, as they last answered, the latest last
        self._busy: Counter[str | bool] = Counter()  # lines by service, and by whether it is quick
        # Lines by owner, and by whether its service is quick.
        self._held: Counter[tuple[str, bool]] = Counter()
        self._changed = threading.Condition()
        for _ in range(QUICK_LINES + OTHER_LINES):
            threading.Thread(target=self._work, daemon=True).start()

    def put(self, service: str, message: Message, owner: str, *, was_quick: bool = False) -> None:
        """Let a message wait for its turn. `owner`: who made the chat send it.

        `was_quick`: how the service answered earlier, which counts until it answers here. The
        message's field `within`: the seconds after which nobody waits for its outcome; `since`:
        since when it is due, in monotonic seconds of this machine, if it waited before.
        """
        moment = time.monotonic()
        since, until = message.get("since", moment), moment + message.get("within", LATEST)
        with self._changed:
            if was_quick and service not in self._quick:
                self._remember(service, is_quick=True)
            waiting = self._waiting.setdefault(owner, {}).setdefault(service, [])
            insort(waiting, Waits(since, until, message), key=lambda each: each.since)
            self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                while (task := self._next()) is None:
                    self._changed.wait()
            was_quick = False
            try:
                was_quick = self._handle(task.message, task.service)
            except Exception:  # the line must go on, whatever a receiver answered
                logger.exception("a message could not be handled")
            with self._changed:
                self._free(task)
                self._note(task.service, is_quick=was_quick)

    def _next(self) -> Task | None:
        """Take the next message that has a line now. One that waited too long is dropped."""
        for owner, services in list(self._waiting.items()):
            free = []
            for service, waiting in list(services.items()):
                _drop_late(waiting)
                if not waiting:
                    del services[service]
                elif self._has_line(owner, service):
                    free.append((waiting[0].since, service))
            if free:
                return self._take(owner, min(free)[1])
            if not services:
                del self._waiting[owner]
        return None

    def _has_line(self, owner: str, service: str) -> bool:
        if self._quick.get(service):
            free = QUICK_LINES - self._busy[True]
            return self._held[owner, True] < free and self._busy[service] < OF_A_QUICK_SERVICE
        return (
            self._busy[False] < OTHER_LINES
            and self._busy[service] < OF_ANOTHER_SERVICE
            and self._held[owner, False] < OF_AN_OWNER
        )

    def _take(self, owner: str, service: str) -> Task:
        """Take a message of a service; others of its owner wait for another turn."""
        services = self._waiting.pop(owner)
        waiting = services[service]
        message = waiting.pop(0).message
        if not waiting:
            del services[service]
        if services:
            self._waiting[owner] = services
        is_quick = self._quick.get(service, False)
        self._busy.update((service, is_quick))
        self._held[owner, is_quick] += 1
        return Task(owner, service, is_quick, message)

    def _free(self, task: Task) -> None:
        self._busy.subtract((task.service, task.is_quick))
        # This forgets an owner that holds none.
        self._held -= Counter(((task.owner, task.is_quick),))
        self._changed.notify()  # two may go on: another of the owner, and of somebody else

    def _note(self, service: str, *, is_quick: bool) -> None:
        if not self._busy[service]:
            del self._busy[service]
        if is_quick and not self._quick.get(service):
            self._changed.notify_all()  # it has more lines now
        self._remember(service, is_quick=is_quick)

    def _remember(self, service: str, *, is_quick: bool) -> None:
        self._quick.pop(service, None)
        self._quick[service] = is_quick
        while len(self._quick) > MOST_SERVICES:
            del self._quick[next(iter(self._quick))]


def _drop_late(waiting: Waiting) -> None:
    while waiting and waiting[0].until < time.monotonic():
        waiting.pop(0)  # who gave it counts it as not sent by now
