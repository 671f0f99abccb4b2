"""Bounds: limits of one answer. A client that follows the cursors gets the whole list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

MOST_BYTES = 1_000_000  # content of one answer, unless it has only one message, which is larger
# The content of an HTML page, which contains most of it twice. Also the content of an event's
# answer, which must fit into a socket's buffer together with live events.
FEW_BYTES = 250_000

T = TypeVar("T")


class Allowance:
    """How many bytes an answer still takes. The first item always fits, so every page has one."""

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
    """Return as many of the first items as fit. Consume at most one item beyond those."""
    allowance = Allowance(most)
    taken: list[T] = []
    for item in items:
        if not allowance.takes(size(item)):
            break
        taken.append(item)
    return taken
