"""What was just read, remembered for a few seconds, and never a moment longer than somebody says `forget`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

from cachetools import TTLCache

SECONDS = 5  # how stale an answer may be about what another process changed without our hearing of it

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class ShortMemory(Generic[Key, Value]):
    """A bounded cache with a time to live.

    A value that was being read while its key was forgotten is not kept: otherwise a session revoked in that
    moment would live on for the rest of the time.
    """

    def __init__(self, size: int, seconds: float = SECONDS):
        self._values: TTLCache[Key, Value] = TTLCache(size, seconds)
        self._forgotten = 0
        self._lock = threading.Lock()

    def recall(self, key: Key, read: Callable[[], Value | None]) -> Value | None:
        """The remembered value, or what `read` gives; None is not remembered."""
        with self._lock:
            value = self._values.get(key)
            before = self._forgotten
        if value is not None:
            return value
        value = read()
        with self._lock:
            if value is not None and before == self._forgotten:
                self._values[key] = value
        return value

    def moment(self) -> int:
        """To be taken before reading something for `keep`."""
        return self._forgotten

    def keep(self, values: Mapping[Key, Value], since: int) -> None:
        """Remembers what was read without `recall`, unless something was forgotten since that moment."""
        with self._lock:
            if since == self._forgotten:
                self._values.update(values)

    def peek(self, key: Key) -> Value | None:
        """The remembered value, if there is one."""
        with self._lock:
            return self._values.get(key)

    def forget(self, key: Key) -> None:
        """The next recall reads again."""
        with self._lock:
            self._forgotten += 1
            self._values.pop(key, None)

    def forget_everything(self) -> None:
        with self._lock:
            self._forgotten += 1
            self._values.clear()
