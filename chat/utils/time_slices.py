"""Long work in pieces, on the event loop.

Beside a thread that computes, every system call of the loop may cost it the interpreter for 5 ms: with a thousand calls a
second the loop all but stands still. So only what lets go of the interpreter goes to a thread (bcrypt); what does not
(lists of words) is done in short pieces, between which everybody else has their turn.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Protocol, TypeVar

T = TypeVar("T")

SLICE_SECONDS = 0.002


class Work(Protocol):
    """How `in_time_slices` and `Stint.pieces` are called."""

    def __call__(self, items: Iterable[T], size: int = 1) -> Iterator[T]: ...


def in_time_slices(items: Iterable[T], size: int = 1) -> Iterator[T]:
    """The items, with a rest whenever they have been worked at for SLICE_SECONDS. It is looked at after each `size` of them."""
    left, since = iter(items), time.monotonic()
    while piece := list(islice(left, size)):
        yield from piece
        if time.monotonic() - since >= SLICE_SECONDS:
            time.sleep(0)
            since = time.monotonic()


class Stint:
    """The CPU time that one answer may take of the loop, all its pieces together.

    Counted is what this thread computes between two calls, so nothing of what others do meanwhile: whoever waits in between (for the
    database) calls `begin` afterwards.
    """

    def __init__(self, seconds: float):
        self._left = seconds
        self.begin()

    @property
    def is_over(self) -> bool:
        return self._left <= 0

    def begin(self) -> None:
        """Begin a piece; what was computed since the last one ended is not counted."""
        self._since, self._counted = time.monotonic(), time.thread_time()

    def rest(self) -> None:
        """Count what was computed since the last call; let others in when that took SLICE_SECONDS."""
        moment = time.thread_time()
        self._left, self._counted = self._left - (moment - self._counted), moment
        if time.monotonic() - self._since >= SLICE_SECONDS:
            time.sleep(0)
            self.begin()

    def pieces(self, items: Iterable[T], size: int = 1) -> Iterator[T]:
        """Yield the items, with a `rest` after each `size` of them."""
        left = iter(items)
        while piece := list(islice(left, size)):
            yield from piece
            self.rest()
