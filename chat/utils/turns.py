"""At most so many at a time of what costs much, for each who asks for it; the others wait."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator

from chat.utils.errors import RateLimited


class Turns:
    """`at_once`: turns that one name may have. `waiting`: how many may wait, `seconds` each."""

    def __init__(self, at_once: int, waiting: int, seconds: float):
        self._at_once, self._most_waiting, self._seconds = at_once, waiting, seconds
        self._changed = threading.Condition()
        self._taken: Counter[str] = Counter()
        self._waiting: Counter[str] = Counter()

    @contextlib.contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """Waits for a turn of this name. Raises RateLimited when too many wait, or for too long."""
        with self._changed:
            if self._taken[name] >= self._at_once:
                self._wait(name)
            self._taken[name] += 1
        try:
            yield
        finally:
            with self._changed:
                _subtract(self._taken, name)
                self._changed.notify_all()

    def _wait(self, name: str) -> None:
        if self._waiting[name] >= self._most_waiting:
            raise RateLimited(retry_after=round(self._seconds))
        self._waiting[name] += 1
        try:
            if not self._changed.wait_for(lambda: self._taken[name] < self._at_once, self._seconds):
                raise RateLimited(retry_after=1)
        finally:
            _subtract(self._waiting, name)


def _subtract(counter: Counter[str], name: str) -> None:
    counter[name] -= 1
    if not counter[name]:
        del counter[name]
