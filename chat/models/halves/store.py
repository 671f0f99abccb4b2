"""What places for halves have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

HALF_BYTES = 32
PAGE = 4096
A_PAGE = PAGE // HALF_BYTES  # halves in a page
PROOF = A_PAGE  # the number of the first half, which proves that the place is whole
DESTROYED = b"destroyed".ljust(HALF_BYTES, b".")


class HalvesUnusable(Exception):
    """The chat cannot start with these halves, or without them; the text is one sentence that says what to do."""


class Store(Protocol):
    """A place for halves. What it does is durable when it returns. Raises OSError, PyMongoError."""

    def append(self, count: int) -> int:
        """Adds whole pages of random halves, and returns the number of the first."""

    def read(self, number: int) -> bytes:
        """Return a half, or DESTROYED, or less than HALF_BYTES where there is none."""

    def overwrite(self, numbers: Iterable[int]) -> None:
        """Puts DESTROYED in the place of some halves that are there."""

    def close(self) -> None: ...
