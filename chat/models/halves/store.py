"""Store: the interface of the file and of the collection that store halves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

HALF_BYTES = 32
PAGE_BYTES = 4096
PAGE_HALVES = PAGE_BYTES // HALF_BYTES  # halves in a page
PROOF_NUMBER = PAGE_HALVES  # the first half's number; this half proves that the store is whole
DESTROYED = b"destroyed".ljust(HALF_BYTES, b".")


class HalvesUnusable(Exception):
    """The chat cannot start with these halves, or without them.

    The exception's text is one sentence that tells the operator what to do.
    """


class Store(Protocol):
    """The interface of a store of halves.

    Writes are durable when they return. They raise OSError or PyMongoError.
    """

    def append(self, count: int) -> int:
        """Add whole pages of random halves, and return the number of the first."""

    def read(self, number: int) -> bytes:
        """Return a half, or DESTROYED, or fewer than HALF_BYTES bytes where there is none."""

    def overwrite(self, numbers: Iterable[int]) -> None:
        """Overwrite existing halves with DESTROYED."""

    def close(self) -> None: ...
