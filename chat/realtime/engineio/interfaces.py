"""What the modules of this package need of those above them.

A connection is Any here: connection.Connection would make a circle.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from chat.realtime import loop
from chat.realtime.counters import Counters
from chat.realtime.engineio.deadlines import Deadlines
from chat.realtime.protocols.json import Json
from chat.realtime.transport.read_batching import ReadBatching


class Host(Protocol):
    """What a connection needs of its server."""

    json: Json
    counters: Counters
    workers: loop.Workers
    read_batching: ReadBatching
    pings: Deadlines[Any]
    pongs: Deadlines[Any]
    draining: bool
    ping_interval: float
    reason: Any
    logger: Any
    handle: Callable[[Any, Any], None]  # handles an item of the inbox; may yield
    on_lost: Callable[[Any, str], None]  # called once, with the reason; must not yield

    def forget(self, connection: Any) -> None: ...


class Member(Protocol):
    """What a connection needs of its clients, one for each namespace that it is in."""

    line: Any

    @property
    def connected(self) -> bool: ...

    def flush_buffered(self) -> None: ...


class Session(Protocol):
    """What polling needs of its session."""

    closed: bool
    upgrading: bool

    def cut_off(self) -> None: ...
