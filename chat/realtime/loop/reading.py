"""Reading from a connection of the web server with a deadline, however slowly the bytes arrive."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Patience:
    """How long a client may take, in seconds."""

    header: float = 10.0  # for a whole header
    body: float = 30.0  # for a body, and one second more for each `body_rate` bytes
    body_rate: float = 20_000  # bytes a second
    idle: float = 75.0  # between two requests
    write: float = 60.0  # without the client accepting a byte of the answer


class TimedReader(io.RawIOBase):
    """A reader of a green socket. `began`: part of the next request has arrived."""

    def __init__(self, connection: Any, patience: Patience):
        super().__init__()
        self.patience = patience
        self.began = False
        self._connection = connection
        self.deadline = 0.0  # in time.monotonic()

    def give(self, seconds: float, *, at_most: bool = False) -> None:
        """Set the deadline to `seconds` from now; `at_most`: keep an earlier deadline."""
        deadline = time.monotonic() + seconds
        if at_most:
            deadline = min(self.deadline, deadline)
        self.deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer; return how many bytes. Raises TimeoutError. Yields."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        try:
            size: int = self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(self.patience.write)
        return size
