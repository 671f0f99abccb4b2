"""What was asked for last, as long as it is small: a cache that a few large values cannot fill the memory with."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class SizedCache(Generic[Key, Value]):
    """`most` values, none of which is larger than `largest` by `size`."""

    def __init__(self, most: int, largest: int, size: Callable[[Value], int]):
        self._most, self._largest, self._size = most, largest, size
        self._values: OrderedDict[Key, Value] = OrderedDict()

    def get_or_make(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the value that is remembered, or what `make` makes. Raises what that raises."""
        known = self._values.pop(key, None)
        value = make() if known is None else known
        if known is not None or self._size(value) <= self._largest:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value

    def clear(self) -> None:
        self._values.clear()
