"""The interfaces through which this package uses the packages above it.

The type of a connection is Any here: importing connection.Connection would be circular.
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
    """The server, as a connection uses it."""

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
    """A client in one namespace, as its connection uses it."""

    line: Any

    @property
    def connected(self) -> bool: ...

    def flush_buffered(self) -> None: ...


class Session(Protocol):
    """The session, as polling uses it."""

    closed: bool
    upgrading: bool

    def cut_off(self) -> None: ...
