"""Bounds: where one answer of a list ends. A client that follows its cursor gets the whole list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

MOST_BYTES = 1_000_000  # of content in one answer, or one message that is larger
# Of a page, which has most of its content twice. Also of an event's answer, which must fit into a
# socket's buffer beside live events.
FEW_BYTES = 250_000

T = TypeVar("T")


class Allowance:
    """How many bytes an answer still takes. The first item always fits, so every list goes on."""

    def __init__(self, most: int = MOST_BYTES):
        self._left = most
        self._is_new = True

    def takes(self, size: int) -> bool:
        """Return whether `size` bytes more fit, and count them if they do."""
        if size > self._left and not self._is_new:
            return False
        self._left -= size
        self._is_new = False
        return True

    def add(self, size: int) -> None:
        self._left += size


def fitting(items: Iterable[T], size: Callable[[T], int], most: int = MOST_BYTES) -> list[T]:
    """Return the first items, as many as fit. Take at most one more from `items`."""
    allowance = Allowance(most)
    taken: list[T] = []
    for item in items:
        if not allowance.takes(size(item)):
            break
        taken.append(item)
    return taken
