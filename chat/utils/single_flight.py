"""One reading for all who ask the same at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from chat.utils.errors import Unavailable
from chat.utils.latch import Latch

Answer = TypeVar("Answer")


class _Flight(Generic[Answer]):
    """A reading that some wait for. `answers`: what it gave; empty when it failed."""

    __slots__ = ("answers", "landed")

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.landed = Latch()


class SingleFlight(Generic[Answer]):
    """Nobody gets an answer that began to be read before they asked: who asks during a reading waits for the next one.

    `seconds_left`: until when somebody can wait; None is for ever.
    """

    def __init__(self, read: Callable[[], Answer], seconds_left: Callable[[], float | None]):
        self._read, self._seconds_left = read, seconds_left
        self._lock = threading.Lock()
        self._under_way = threading.Lock()
        self._next: _Flight[Answer] | None = None  # has not begun

    def ask(self) -> Answer:
        """Raises what the reading raises, Unavailable when the time is up first."""
        while True:
            with self._lock:
                leads, flight = self._next is None, self._next or _Flight[Answer]()
                self._next = flight
            if leads:
                return self._lead(flight)
            if not flight.landed.wait(self._seconds_left()):
                raise Unavailable(
                    reason=f"another request's reading took too long: {self._read.__qualname__}"
                )
            if flight.answers:
                return flight.answers[0]
            # It failed for who led it, who may have had less time than is left here.

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
        """Whoever asks from now on is not on board."""
        with self._lock:
            if self._next is flight:
                self._next = None
