"""What was just read, remembered for a few seconds, and never a moment longer than somebody says `forget`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

from chat.utils.gate import Gate

SECONDS = 5  # how stale an answer may be about what another process changed without our hearing of it

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class ShortMemory(Generic[Key, Value]):
    """A bounded cache with a time to live, asked some ten times for every message: hence a dict and nothing more.

    A value that was being read while its key was forgotten is not kept: otherwise a session revoked in that
    moment would live on for the rest of the time. `seconds_left`: how long somebody can wait; None is for ever.
    """

    def __init__(self, size: int, seconds: float = SECONDS, seconds_left: Callable[[], float | None] = lambda: None):
        self._values: dict[Key, tuple[float, Value]] = {}  # key -> (until when, what); the oldest first
        self._size, self._seconds, self._seconds_left = size, seconds, seconds_left
        self._readings: dict[Key, Gate] = {}  # what is being read just now
        self._forgotten = 0
        self._lock = threading.Lock()

    def recall(self, key: Key, read: Callable[[], Value | None]) -> Value | None:
        """The remembered value, or what `read` gives; None is not remembered. Who asks while it is being read waits for that."""
        known = self.peek(key)
        if known is None and (reading := self._readings.get(key)):
            reading.wait(self._seconds_left())
            known = self.peek(key)  # not what was forgotten meanwhile
        return self._read(key, read) if known is None else known

    def _read(self, key: Key, read: Callable[[], Value | None]) -> Value | None:
        reading, before = Gate(), self._forgotten
        self._readings[key] = reading
        try:
            value = read()
            if value is not None:
                self.keep({key: value}, before)
            return value
        finally:
            if self._readings.get(key) is reading:
                del self._readings[key]
            reading.open()

    def recall_many(self, keys: Iterable[Key], read: Callable[[list[Key]], Mapping[Key, Value]]) -> dict[Key, Value]:
        """The same for several; `read` is asked once, for all that are not remembered."""
        wanted = set(keys)
        found = {key: known for key in wanted if (known := self.peek(key)) is not None}
        if missing := list(wanted - found.keys()):
            before = self._forgotten
            values = read(missing)
            found |= values
            self.keep(values, before)
        return found

    def moment(self) -> int:
        """To be taken before reading something for `keep`."""
        return self._forgotten

    def keep(self, values: Mapping[Key, Value], since: int) -> None:
        """Remembers what was read without `recall`, unless something was forgotten since that moment."""
        with self._lock:
            if since != self._forgotten:
                return
            until = time.monotonic() + self._seconds
            for key, value in values.items():
                self._values.pop(key, None)
                self._values[key] = until, value
            while len(self._values) > self._size:
                del self._values[next(iter(self._values))]

    def peek(self, key: Key) -> Value | None:
        """The remembered value, if there is one."""
        kept = self._values.get(key)
        return kept[1] if kept is not None and kept[0] > time.monotonic() else None

    def forget(self, key: Key) -> None:
        """The next recall reads again."""
        with self._lock:
            self._forgotten += 1
            self._values.pop(key, None)

    def forget_everything(self) -> None:
        with self._lock:
            self._forgotten += 1
            self._values.clear()
