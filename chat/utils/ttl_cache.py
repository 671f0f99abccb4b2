"""What was just read, remembered for a few seconds, and never a moment longer than somebody says `forget`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from itertools import islice
from typing import Generic, TypeVar

from chat.utils.latch import Latch

SECONDS = (
    5  # how stale an answer may be about what another process changed without our hearing of it
)
DUE_SECONDS = 1.0  # before its time is up a value may be read again with others
TOGETHER = 50  # values read with another one
LOOKED_AT = 200  # the oldest ones, for those that are due

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class _Kept(Generic[Value]):
    __slots__ = ("until", "value", "was_asked")

    def __init__(self, until: float, value: Value):
        self.until, self.value, self.was_asked = until, value, False


class TtlCache(Generic[Key, Value]):
    """A bounded cache with a time to live, asked some ten times for every message: hence a dict and nothing more.

    A value that was being read while its key was forgotten is not kept: otherwise a session revoked in that
    moment would live on for the rest of the time. `seconds_left`: how long somebody can wait; None is for ever.

    With `read_many`, a value whose time is up is read again together with others of its `group` whose time is nearly up and
    that were asked for: of a thousand people who write, each was a question of their own every few seconds.
    """

    def __init__(
        self,
        size: int,
        seconds: float = SECONDS,
        seconds_left: Callable[[], float | None] = lambda: None,
        read_many: Callable[[list[Key]], Mapping[Key, Value]] | None = None,
        group: Callable[[Key], Hashable] = lambda _: None,
    ):
        self._values: dict[Key, _Kept[Value]] = {}  # the oldest first
        self._size, self._seconds, self._seconds_left = size, seconds, seconds_left
        self._read_many, self._group = read_many, group
        self._readings: dict[Key, Latch] = {}  # what is being read just now
        self._forgotten = 0
        self._lock = threading.Lock()

    def get_or_load(self, key: Key, read: Callable[[], Value | None]) -> Value | None:
        """The remembered value, or what `read` gives; None is not remembered. Who asks while it is being read waits for that."""
        known = self.get(key)
        if known is not None:
            return known
        if reading := self._readings.get(key):
            reading.wait(self._seconds_left())
            known = self.get(key)  # not what was forgotten meanwhile
        return self._read(key, read) if known is None else known

    def _read(self, key: Key, read: Callable[[], Value | None]) -> Value | None:
        reading, before = Latch(), self._forgotten
        others = self._due_with(key)
        for each in (key, *others):
            self._readings[each] = reading
        try:
            if others and self._read_many:
                values = self._read_many([key, *others])
                self.put(values, before)
                return values.get(key)
            value = read()
            if value is not None:
                self.put({key: value}, before)
            return value
        finally:
            for each in (key, *others):
                if self._readings.get(each) is reading:
                    del self._readings[each]
            reading.open()

    def _due_with(self, key: Key) -> list[Key]:
        """What is worth reading again with a key whose time is up; nothing when it was not remembered at all.

        What nobody has asked for since it was read is forgotten instead.
        """
        if self._read_many is None or key not in self._values:
            return []
        moment, group = time.monotonic(), self._group(key)
        due: list[Key] = []
        with self._lock:
            for other, kept in list(islice(self._values.items(), LOOKED_AT)):
                if kept.until > moment + DUE_SECONDS or len(due) == TOGETHER:
                    break
                if not kept.was_asked:
                    if kept.until <= moment:
                        del self._values[other]
                elif other != key and other not in self._readings and self._group(other) == group:
                    due.append(other)
        return due

    def get_or_load_many(
        self, keys: Iterable[Key], read: Callable[[list[Key]], Mapping[Key, Value]]
    ) -> dict[Key, Value]:
        """The same for several; `read` is asked once, for all that are not remembered."""
        wanted = set(keys)
        found = {key: known for key in wanted if (known := self.get(key)) is not None}
        if missing := list(wanted - found.keys()):
            before = self._forgotten
            values = read(missing)
            found |= values
            self.put(values, before)
        return found

    def moment(self) -> int:
        """To be taken before reading something for `keep`."""
        return self._forgotten

    def put(self, values: Mapping[Key, Value], since: int) -> None:
        """Remembers what was read without `get_or_load`, unless something was forgotten since that moment."""
        with self._lock:
            if since != self._forgotten:
                return
            until = time.monotonic() + self._seconds
            for key, value in values.items():
                self._values.pop(key, None)
                self._values[key] = _Kept(until, value)
            while len(self._values) > self._size:
                del self._values[next(iter(self._values))]

    def get(self, key: Key) -> Value | None:
        """The remembered value, if there is one."""
        kept = self._values.get(key)
        if kept is None or kept.until <= time.monotonic():
            return None
        kept.was_asked = True
        return kept.value

    def invalidate(self, key: Key) -> None:
        """The next recall reads again."""
        with self._lock:
            self._forgotten += 1
            self._values.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._forgotten += 1
            self._values.clear()
