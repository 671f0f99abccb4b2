"""Long work in pieces, on the event loop.

Beside a thread that computes, every system call of the loop may cost it the interpreter for 5 ms: with a thousand calls a
second the loop all but stands still. So only what lets go of the interpreter goes to a thread (bcrypt); what does not
(lists of words) is done in short pieces, between which everybody else has their turn.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

PIECE_SECONDS = 0.002


def in_pieces(items: Iterable[T], size: int = 1) -> Iterator[T]:
    """The items, with a rest whenever they have been worked at for PIECE_SECONDS. It is looked at after each `size` of them."""
    left, since = iter(items), time.monotonic()
    while piece := list(islice(left, size)):
        yield from piece
        if time.monotonic() - since >= PIECE_SECONDS:
            time.sleep(0)
            since = time.monotonic()
