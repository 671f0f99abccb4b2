"""Reading from a connection of the web server until a moment, however slowly the bytes come."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Patience:
    """How long a client may take, in seconds."""

    header: float = 10.0  # for a whole header
    body: float = 30.0  # for a body, and one more for each `body_rate` bytes of it
    body_rate: float = 20_000  # bytes a second
    idle: float = 75.0  # between two requests
    write: float = 60.0  # without taking a byte of what it is sent


class TimedReader(io.RawIOBase):
    """The bytes of a green socket. `began`: some of the next request have come."""

    def __init__(self, connection: Any, patience: Patience):
        super().__init__()
        self.patience = patience
        self.began = False
        self._connection = connection
        self.deadline = 0.0  # as time.monotonic() has it

    def give(self, seconds: float, *, at_most: bool = False) -> None:
        """What is read from now on must come within so many seconds; `at_most`: or sooner."""
        deadline = time.monotonic() + seconds
        self.deadline = min(self.deadline, deadline) if at_most else deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Raises TimeoutError. Yields."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        try:
            size: int = self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(self.patience.write)
        return size
