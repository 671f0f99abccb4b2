"""The interfaces between the transport's modules, and to the packages above."""

from __future__ import annotations

from typing import Protocol


class Framed(Protocol):
    """A packet as WebSocket frames."""

    frame: bytes


class Owner(Protocol):
    """The receiver of a WebSocket's messages."""

    def receive(self, message: str | bytes) -> None: ...

    def lost(self, reason: str) -> None: ...


class Writable(Protocol):
    """A WebSocket as the flusher sees it: it writes `out` in one go while `direct` is true."""

    out: list[bytes]
    direct: bool

    def write(self, data: bytes) -> None: ...
