"""Time slices: long work on the event loop, in short pieces.

While a thread computes, every system call of the loop may wait 5 ms for the interpreter lock: with
a thousand calls a second the loop nearly stops. So only work that releases the lock runs in a
thread (bcrypt). Other work (lists of words) runs on the loop in short pieces, between which other
greenlets run.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Protocol, TypeVar

T = TypeVar("T")

SLICE_SECONDS = 0.002


class Work(Protocol):
    """The signature of `in_time_slices` and `Stint.pieces`."""

    def __call__(self, items: Iterable[T], size: int = 1) -> Iterator[T]: ...


def in_time_slices(items: Iterable[T], size: int = 1) -> Iterator[T]:
    """Yield the items, and let other greenlets run after each SLICE_SECONDS of work.

    The clock is checked after each `size` items.
    """
    left = iter(items)
    since = time.monotonic()
    while piece := list(islice(left, size)):
        yield from piece
        if time.monotonic() - since >= SLICE_SECONDS:
            time.sleep(0)
            since = time.monotonic()


class Stint:
    """The CPU time that one answer may take on the loop, in all its pieces together.

    The stint counts this thread's CPU time between two calls. So a caller that waits in between
    (for the database) calls `begin` afterwards, which excludes the work of others meanwhile.
    """

    def __init__(self, seconds: float):
        self._left = seconds
        self.begin()

    @property
    def is_over(self) -> bool:
        return self._left <= 0

    def begin(self) -> None:
        """Begin a piece; exclude the CPU time since the last piece ended."""
        self._since = time.monotonic()
        self._counted = time.thread_time()

    def rest(self) -> None:
        """Count the CPU time since the last call; let others run when it reached SLICE_SECONDS."""
        moment = time.thread_time()
        self._left -= moment - self._counted
        self._counted = moment
        if time.monotonic() - self._since >= SLICE_SECONDS:
            time.sleep(0)
            self.begin()

    def pieces(self, items: Iterable[T], size: int = 1) -> Iterator[T]:
        """Yield the items, with a `rest` after each `size` of them."""
        left = iter(items)
        while piece := list(islice(left, size)):
            yield from piece
            self.rest()
