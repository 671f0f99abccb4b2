"""A listener: a client of this process that only receives, over a transport of the application's.

The fan-out serves it as it serves a socket. Its events wait until the application takes them.
"""

from __future__ import annotations

from collections import deque

from chat.realtime import loop
from chat.realtime.engineio.connection import Connection
from chat.realtime.protocols.engine_packets import Encoded
from chat.realtime.socketio.client import Client
from chat.realtime.socketio.server import Server

EVENT = b"42"  # begins an event of the namespace "/", as Engine.IO sends it
DISCONNECT = b"41"
MOST_WAITING = 1_000  # events


class TooManyFromNetwork(Exception):
    """As many sessions of this network are open as may be, sockets and listeners together."""


class Listener:
    """`sid`: its name, as a socket's. `overflowed`: whether it lost events that waited too long.

    It counts as a session of its network, like a socket. Raises TooManyFromNetwork.
    """

    direct = False

    def __init__(self, server: Server, address: str):
        if server.eio.limits.refusal(address):
            raise TooManyFromNetwork
        while (oldest := server.eio.limits.in_the_way(address)) is not None:
            server.eio.crowd_out(oldest)
        self._server = server
        connection = Connection(server.eio, server.eio.generate_id(), address)
        server.eio.limits.opened(connection, address)
        server.eio.joined(connection)
        self._is_counted = True
        self._client: Client = server.manager.admit(connection, "/")
        self._client.connecting = False
        self._client.line = self
        self.sid = self._client.sid
        self.overflowed = False
        self.closed = False
        self._waiting: deque[bytes] = deque()
        self._wake = loop.event()

    def send(self, packet: Encoded) -> None:
        """Keep a packet: the fan-out calls this. Never yields."""
        if packet.text == DISCONNECT:
            self._end()
        elif packet.text.startswith(EVENT):
            self._waiting.append(packet.text)
            if len(self._waiting) > MOST_WAITING:
                self._waiting.clear()
                self.overflowed = True
        self._notify()

    def take(self, seconds: float) -> list[bytes]:
        """Return the events that wait, each as JSON: `["name",payload]`. Yields.

        Wait up to `seconds` while there are none.
        """
        if not self._waiting and not self.overflowed and not self.closed:
            self._wake.wait(timeout=seconds)
        self._wake = loop.event()
        taken = [text[len(EVENT) :] for text in self._waiting]
        self._waiting.clear()
        return taken

    def close(self) -> None:
        """End the listener, and leave all rooms. Idempotent. Never yields."""
        self._end()
        self._notify()
        if self._server.manager.client(self.sid, "/") is not None:
            self._server.manager.remove(self._client)
        if self._is_counted:
            self._is_counted = False
            self._server.eio.limits.closed(self._client.connection, self._client.connection.address)

    def _end(self) -> None:
        self.closed = True
        self._client.connection.closed = True  # nothing waits for it to join another namespace

    def _notify(self) -> None:
        if not self._wake.ready():
            self._wake.send()
