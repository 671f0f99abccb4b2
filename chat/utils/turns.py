"""Turns: a limited number of concurrent requests for each person; further ones wait."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from chat.utils.errors import RateLimited
from chat.utils.latch import Latch
from chat.utils.translation import _


@dataclass(slots=True)
class _Line:
    """A person's requests: the number of running ones, and the waiting ones, the first in front."""

    under_way: int = 0
    waiting: deque[Latch] = field(default_factory=deque)


class Turns:
    """Grants each person `at_a_time` turns; `waiting` more wait in line, for `seconds` at most."""

    def __init__(self, at_a_time: int, waiting: int, seconds: float):
        self._at_a_time = at_a_time
        self._waiting = waiting
        self._seconds = seconds
        self._lines: dict[Hashable, _Line] = {}
        self._lock = threading.Lock()

    def take(self, who: Hashable) -> bool:
        """Wait for a turn, which `give_back` ends; return whether the caller had to wait.

        Raises RateLimited when the line is full, or the turn does not come in time.
        """
        with self._lock:
            line = self._lines.setdefault(who, _Line())
            if line.under_way < self._at_a_time:
                line.under_way += 1
                return False
            if len(line.waiting) >= self._waiting:
                raise self._refusal()
            latch = Latch()
            line.waiting.append(latch)
        try:
            if not latch.wait(self._seconds):
                raise self._refusal()
        except BaseException:  # the wait timed out, or the greenlet was killed
            self._leave(who, line, latch)
            raise
        return True

    def give_back(self, who: Hashable) -> None:
        """End a turn, and pass it to the first request in line."""
        with self._lock:
            line = self._lines[who]
            if line.waiting:
                line.waiting.popleft().open()
                return
            line.under_way -= 1
            if not line.under_way:
                del self._lines[who]

    @contextmanager
    def turn(self, who: Hashable) -> Iterator[None]:
        """Hold a turn within `with`. Raises RateLimited."""
        self.take(who)
        try:
            yield
        finally:
            self.give_back(who)

    def _leave(self, who: Hashable, line: _Line, latch: Latch) -> None:
        with self._lock:
            if latch in line.waiting:
                line.waiting.remove(latch)
                return
        self.give_back(who)  # the turn came at the same moment, so pass it on

    def _refusal(self) -> RateLimited:
        return RateLimited(
            _("Too many requests at once. Wait until the earlier ones are answered."),
            retry_after=1,
        )
