"""A cache with a time to live of a few seconds, whose entries can be invalidated at any time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from itertools import islice
from typing import Generic, TypeVar

from chat.utils.latch import Latch

# The longest time for which a value may be outdated, if another process's change did not reach this
# process.
SECONDS = 5
DUE_SECONDS = 1.0  # remaining time; below it, reading another value reads this one again, too
TOGETHER = 50  # values that are read together with another value
STRIPES = 1024  # of the keys; each remembers when one of its keys was invalidated last
LOOKED_AT = 200  # oldest entries, among which the cache searches for values to read again

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class _Entry(Generic[Value]):
    __slots__ = ("until", "value", "was_asked")

    def __init__(self, until: float, value: Value):
        self.until = until
        self.value = value
        self.was_asked = False


class TtlCache(Generic[Key, Value]):
    """A bounded cache with a time to live, used for every message: so it is a dict and little more.

    A value is not stored if its key, or another of its stripe, was invalidated during the read.
    Otherwise a session that was revoked in that moment would stay valid until the entry expires.
    `seconds_left`: how long a caller can wait; None has no limit.

    With `read_many`, an expired value is read together with others of its `group` that were used
    and are about to expire. Otherwise a thousand active people would each cause a query every few
    seconds.
    """

    def __init__(
        self,
        size: int,
        seconds: float = SECONDS,
        seconds_left: Callable[[], float | None] = lambda: None,
        read_many: Callable[[list[Key]], Mapping[Key, Value]] | None = None,
        group: Callable[[Key], Hashable] = lambda _: None,
    ):
        self._values: dict[Key, _Entry[Value]] = {}  # oldest first
        self._size = size
        self._seconds = seconds
        self._seconds_left = seconds_left
        self._read_many = read_many
        self._group = group
        self._readings: dict[Key, Latch] = {}  # reads in progress, by key
        self._invalidations = 0  # so many until now
        self._invalidated = [0] * STRIPES  # by stripe: the number of its last invalidation
        self._lock = threading.Lock()

    def get_or_load(self, key: Key, read: Callable[[], Value | None]) -> Value | None:
        """Return the cached value, or the result of `read`. None is not cached.

        Concurrent callers for one key wait for the read in progress.
        """
        known = self.get(key)
        if known is not None:
            return known
        if reading := self._readings.get(key):
            reading.wait(self._seconds_left())
            known = self.get(key)  # None if the key was invalidated meanwhile
            if known is not None:
                return known
        return self._read(key, read)

    def _read(self, key: Key, read: Callable[[], Value | None]) -> Value | None:
        reading = Latch()
        before = self._invalidations
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
        """Return the keys to read together with an expired key; none if the key was not cached.

        Drops entries that nobody used since they were read.
        """
        if self._read_many is None or key not in self._values:
            return []
        moment = time.monotonic()
        group = self._group(key)
        due: list[Key] = []
        with self._lock:
            for other, entry in list(islice(self._values.items(), LOOKED_AT)):
                if entry.until > moment + DUE_SECONDS or len(due) == TOGETHER:
                    break
                if not entry.was_asked:
                    if entry.until <= moment:
                        del self._values[other]
                elif other != key and other not in self._readings and self._group(other) == group:
                    due.append(other)
        return due

    def get_or_load_many(
        self, keys: Iterable[Key], read: Callable[[list[Key]], Mapping[Key, Value]]
    ) -> dict[Key, Value]:
        """Return the values of several keys; call `read` once, for all that are not cached."""
        wanted = set(keys)
        found = {key: known for key in wanted if (known := self.get(key)) is not None}
        if missing := list(wanted - found.keys()):
            before = self._invalidations
            values = read(missing)
            found |= values
            self.put(values, before)
        return found

    def moment(self) -> int:
        """Return the moment for `put`; call this before reading the values."""
        return self._invalidations

    def put(self, values: Mapping[Key, Value], since: int) -> None:
        """Cache values that were read without `get_or_load`.

        Leaves out what was invalidated since the moment `since`.
        """
        with self._lock:
            until = time.monotonic() + self._seconds
            for key, value in values.items():
                if self._invalidated[hash(key) % STRIPES] > since:
                    continue
                self._values.pop(key, None)
                self._values[key] = _Entry(until, value)
            while len(self._values) > self._size:
                del self._values[next(iter(self._values))]

    def get(self, key: Key) -> Value | None:
        """Return the cached value, if there is one."""
        entry = self._values.get(key)
        if entry is None or entry.until <= time.monotonic():
            return None
        entry.was_asked = True
        return entry.value

    def invalidate(self, key: Key) -> None:
        """Drop a key, so that the next call reads its value again."""
        with self._lock:
            self._invalidations += 1
            self._invalidated[hash(key) % STRIPES] = self._invalidations
            self._values.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._invalidations += 1
            self._invalidated = [self._invalidations] * STRIPES
            self._values.clear()
