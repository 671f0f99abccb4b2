"""Share one read among all callers who ask for it at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from chat.utils.errors import Unavailable
from chat.utils.latch import Latch

Answer = TypeVar("Answer")


class _Flight(Generic[Answer]):
    """A read that callers wait for. `answers`: its result; empty if the read failed."""

    __slots__ = ("answers", "landed")

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.landed = Latch()


class SingleFlight(Generic[Answer]):
    """Shares reads among callers.

    A caller never gets the result of a read that started before its call; callers that arrive
    during a read share the next one. `seconds_left`: how long a caller can wait; None has no limit.
    """

    def __init__(self, read: Callable[[], Answer], seconds_left: Callable[[], float | None]):
        self._read = read
        self._seconds_left = seconds_left
        self._lock = threading.Lock()
        self._under_way = threading.Lock()
        self._next: _Flight[Answer] | None = None  # a read that has not started yet

    def ask(self) -> Answer:
        """Return the answer of a read.

        Raises what the read raises; Unavailable if the caller's time is up first.
        """
        while True:
            with self._lock:
                leads = self._next is None
                flight = self._next or _Flight[Answer]()
                self._next = flight
            if leads:
                return self._lead(flight)
            if not flight.landed.wait(self._seconds_left()):
                raise Unavailable(
                    reason=f"another request's reading took too long: {self._read.__qualname__}"
                )
            if flight.answers:
                return flight.answers[0]
            # The read failed for its leader. This caller reads again, as it may have more time
            # left.

    def _lead(self, flight: _Flight[Answer]) -> Answer:
        seconds = self._seconds_left()
        try:
            if not self._under_way.acquire(timeout=-1 if seconds is None else seconds):
                raise Unavailable(
                    reason=f"the reading before this one took too long: {self._read.__qualname__}"
                )
            try:
                self._close(flight)
                flight.answers.append(self._read())
            finally:
                self._under_way.release()
        finally:
            self._close(flight)
            flight.landed.open()
        return flight.answers[0]

    def _close(self, flight: _Flight[Answer]) -> None:
        """Close a flight to new callers: they share the next one."""
        with self._lock:
            if self._next is flight:
                self._next = None
