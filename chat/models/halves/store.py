"""Store: what all places for halves have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

HALF_BYTES = 32
PAGE_BYTES = 4096
PAGE_HALVES = PAGE_BYTES // HALF_BYTES  # halves in a page
PROOF_NUMBER = PAGE_HALVES  # the number of the first half, which proves that the place is whole
DESTROYED = b"destroyed".ljust(HALF_BYTES, b".")


class HalvesUnusable(Exception):
    """The chat cannot start with these halves, or without them.

    The text is one sentence that says what to do.
    """


class Store(Protocol):
    """A place for halves. Writes are durable when they return. Raises OSError, PyMongoError."""

    def append(self, count: int) -> int:
        """Add whole pages of random halves, and return the number of the first."""

    def read(self, number: int) -> bytes:
        """Return a half, or DESTROYED, or fewer than HALF_BYTES bytes where there is none."""

    def overwrite(self, numbers: Iterable[int]) -> None:
        """Overwrite existing halves with DESTROYED."""

    def close(self) -> None: ...
