"""A client: one connection's membership of one namespace."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterator
from typing import Protocol

from chat.realtime import loop
from chat.realtime.engineio.connection import Connection
from chat.realtime.protocols.engine_packets import Encoded

CONNECT_SECONDS = 0.005  # from the CONNECT packet to the buffered packets after it

Room = Hashable
Callback = Callable[..., object]


class BufferedTransport:
    """Buffers packets while a client's `connect` handler runs: CONNECT must be the first packet."""

    direct = False

    def __init__(self) -> None:
        self.packets: list[Encoded] = []

    def send(self, packet: Encoded) -> None:
        self.packets.append(packet)


class NullTransport:
    """Discards the packets for a client that has left."""

    direct = False

    def send(self, packet: Encoded) -> None:
        return


NULL_TRANSPORT = NullTransport()


class Line(Protocol):
    """The transport of a client's packets. `direct`: a WebSocket that keeps up."""

    @property
    def direct(self) -> bool: ...

    def send(self, packet: Encoded) -> None: ...


class Client:
    """A connection's membership of one namespace. `line`: the transport of its packets."""

    __slots__ = (
        "callbacks",
        "connecting",
        "connection",
        "leaving",
        "line",
        "namespace",
        "numbers",
        "rooms",
        "sid",
        "to_leave",
    )

    def __init__(self, sid: str, namespace: str, connection: Connection):
        self.sid = sid
        self.namespace = namespace
        self.connection = connection
        self.line: Line = BufferedTransport()
        self.rooms: list[Room] = []
        self.connecting = True
        self.leaving = False
        self.to_leave = False  # disconnect the client as soon as it is connected
        self.callbacks: dict[int, Callback] | None = None
        self.numbers: Iterator[int] | None = None

    @property
    def connected(self) -> bool:
        return not self.connecting and not self.leaving

    def number(self, callback: Callback) -> int:
        """Register a callback; return the number of the acknowledgement that it waits for."""
        if self.callbacks is None or self.numbers is None:
            self.callbacks = {}
            self.numbers = itertools.count(1)
        number = next(self.numbers)
        self.callbacks[number] = callback
        return number

    def accept(self) -> None:
        """Mark the client as connected, after its CONNECT packet, and send the buffered packets.

        These follow after CONNECT_SECONDS, because some clients attach their listeners only when
        they have received CONNECT.
        """
        self.connecting = False
        if isinstance(self.line, BufferedTransport) and self.line.packets:
            loop.call_later(CONNECT_SECONDS, self.flush_buffered)
        else:
            self.flush_buffered()

    def flush_buffered(self) -> None:
        """Send the buffered packets, and send later packets directly."""
        buffered = self.line
        if isinstance(buffered, BufferedTransport):
            self.line = self.connection.line
            for packet in buffered.packets:
                self.line.send(packet)
