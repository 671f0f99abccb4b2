"""A client in the process of its server, for tests of applications: `SocketIO.test_client`.

It has the interface of Flask-SocketIO's SocketIOTestClient and speaks the protocol, without the web
server and the sockets. Its packets are encoded and pass through the connection's inbox to the
handlers; it decodes the server's packets at once. Each call lets the loop run until no handler is
busy, and raises the first exception of a handler.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask
from flask.testing import EnvironBuilder, FlaskClient
from socketio import packet as reference

from chat.realtime import loop
from chat.realtime.engineio.connection import Connection
from chat.realtime.engineio.engine import Engine
from chat.realtime.engineio.interfaces import Host
from chat.realtime.engineio.polling import Polling
from chat.realtime.protocols import engine_packets, packets
from chat.realtime.protocols.engine_packets import BadPacket, Encoded, parts_of
from chat.realtime.socketio.client import BufferedTransport
from chat.realtime.socketio.server import Server

WAIT_SECONDS = 0.001  # between two checks whether handlers are busy
WITH_ONE_ARGUMENT = ("message", "json")  # events whose "args" is the single argument, not a list


class Receiver(Polling):
    """Passes every packet to the client at once, instead of buffering it for the next poll."""

    __slots__ = ("_client",)

    def __init__(self, connection: Connection, client: SocketIOTestClient):
        super().__init__(connection)
        self._client = client

    def send(self, packet: Encoded) -> None:
        self.out.append(packet.payload)
        self.wake()

    def wake(self) -> None:
        out = self.out
        self.out = []
        for payload in out:
            for part in parts_of(payload.decode()):
                self._client.receive(part)


class InProcessConnection(Connection):
    """A connection that collects its handlers' exceptions, so that the client can raise them."""

    __slots__ = ()

    def __init__(self, engine: Engine, client: SocketIOTestClient):
        super().__init__(engine, engine.generate_id(), address="")
        self.line = Receiver(self, client)

    def log_failure(self, message: str, error: Exception) -> None:
        _failures.setdefault(self.engine, []).append(error)


# All clients of a server share this list: one client's event may run another's `disconnect`
# handler.
_failures: WeakKeyDictionary[Host, list[Exception]] = WeakKeyDictionary()


class SocketIOTestClient:
    """A client that connects when it is created, unless a `connect` handler refuses it."""

    def __init__(
        self,
        app: Flask,
        socketio: Any,
        namespace: str | None = None,
        query_string: str | None = None,
        headers: Any = None,
        auth: Any = None,
        flask_test_client: FlaskClient | None = None,
    ):
        self.app = app
        self.socketio = socketio
        self.flask_test_client = flask_test_client
        self.connected: dict[str, bool] = {}  # whether the client is connected, by namespace
        # received events that get_received has not returned yet
        self.queue: list[dict[str, Any]] = []
        self.acks: dict[int, list[Any]] = {}  # the arguments of each acknowledgement, by its number
        self._number = 0
        self._incomplete: reference.Packet | None = None
        self._packet_class = type("Packet", (reference.Packet,), {"json": socketio.server.json})
        self._connection: InProcessConnection | None = None
        self.connect(namespace, query_string, headers, auth)

    @property
    def eio_sid(self) -> str:
        assert self._connection
        return self._connection.sid

    def is_connected(self, namespace: str | None = None) -> bool:
        self._settle()
        return self.connected.get(namespace or "/", False)

    def connect(
        self,
        namespace: str | None = None,
        query_string: str | None = None,
        headers: Any = None,
        auth: Any = None,
    ) -> None:
        """Connect to one more namespace; do nothing if the client is connected to it already."""
        namespace = namespace or "/"
        environ = self._request(query_string, headers)
        server: Server = self.socketio.server
        if self._connection is None or self._connection.closed:
            self._connection = InProcessConnection(server.eio, self)
            server.eio.admit(self._connection, environ)
        elif not self.is_connected(namespace):
            server.environ[self.eio_sid] = environ
        if not self.is_connected(namespace):
            self._send(packets.CONNECT, namespace, auth)

    def disconnect(self, namespace: str | None = None) -> None:
        """Disconnect. Raises RuntimeError if not connected; so do emit, send and get_received."""
        namespace = self._require_connected(namespace)
        self.connected[namespace] = False
        self._send(packets.DISCONNECT, namespace)

    def emit(self, event: str, *args: Any, **kwargs: Any) -> Any:
        """Send an event. Options: `namespace`; `callback`: True to return the acknowledgement.

        Returns the only argument of an acknowledgement, or a list of several arguments. Returns
        None without `callback`, or if no acknowledgement came.
        """
        namespace = self._require_connected(kwargs.get("namespace"))
        if not kwargs.get("callback"):
            self._send(packets.EVENT, namespace, [event, *args])
            return None
        self._number += 1
        number = self._number
        self._send(packets.EVENT, namespace, [event, *args], number)
        answer = self.acks.pop(number, None)
        if answer is not None and len(answer) == 1:
            return answer[0]
        return answer

    def send(
        self, data: Any, json: bool = False, callback: bool = False, namespace: str | None = None
    ) -> Any:
        """Send an event named `message`, or `json` if `json` is true."""
        event = "message"
        if json:
            event = "json"
        return self.emit(event, data, callback=callback, namespace=namespace)

    def get_received(self, namespace: str | None = None) -> list[dict[str, Any]]:
        """Return the events since the last call: dictionaries with `name`, `args`, `namespace`."""
        namespace = self._require_connected(namespace)
        received = [event for event in self.queue if event["namespace"] == namespace]
        self.queue = [event for event in self.queue if event["namespace"] != namespace]
        return received

    def receive(self, part: str | bytes) -> None:
        """Handle a packet of Engine.IO from the server."""
        if isinstance(part, bytes):
            assert self._incomplete
            if self._incomplete.add_attachment(part):
                self._take(self._incomplete)
        elif part[0] == engine_packets.MESSAGE:
            packet = self._packet_class(encoded_packet=part[1:])
            self._incomplete = packet
            if not packet.attachment_count:
                self._take(packet)
        elif part[0] == engine_packets.PING and self._connection:
            loop.call_soon(self._connection.take, engine_packets.PONG)
        elif part[0] == engine_packets.CLOSE:
            self.connected.clear()

    def _take(self, packet: reference.Packet) -> None:
        namespace = packet.namespace or "/"
        if packet.packet_type in (reference.EVENT, reference.BINARY_EVENT):
            name = packet.data[0]
            args = packet.data[1:]
            if name in WITH_ONE_ARGUMENT and args:
                args = args[0]
            self.queue.append({"name": name, "args": args, "namespace": namespace})
        elif packet.packet_type in (reference.ACK, reference.BINARY_ACK):
            self.acks[packet.id] = packet.data
        else:
            self.connected[namespace] = packet.packet_type == reference.CONNECT

    def _send(self, kind: int, namespace: str, data: Any = None, number: int | None = None) -> None:
        assert self._connection
        packet = packets.encode(self.socketio.server.json, kind, namespace, data, number)
        try:
            for part in parts_of(packet.payload.decode()):
                self._connection.take(part)
        except BadPacket as bad:
            self._connection.reject(str(bad))
            raise ValueError(f"No client of the protocol sends this: {bad}.") from None
        self._settle()

    def _settle(self) -> None:
        """Let the loop run until the server has handled everything; raise a handler's exception."""
        loop.sleep()
        while self._is_busy():
            loop.sleep(WAIT_SECONDS)
        if failures := _failures.pop(self.socketio.server.eio, None):
            raise failures[0]

    def _is_busy(self) -> bool:
        if not self.socketio.server.eio.workers.idle:
            return True
        if self._connection is None:
            return False
        clients = self._connection.clients.values()
        return any(isinstance(client.line, BufferedTransport) for client in clients)

    def _require_connected(self, namespace: str | None) -> str:
        if not self.is_connected(namespace):
            raise RuntimeError("not connected")
        return namespace or "/"

    def _request(self, query_string: str | None, headers: Any) -> dict[str, Any]:
        """Return the request for a handler to read: with Flask's cookies, without a transport."""
        url = "/socket.io?" + (query_string or "").removeprefix("?")
        client = self.flask_test_client
        if client is None:
            environ = EnvironBuilder(self.app, path=url, headers=headers).get_environ()
        else:
            request = client._request_from_builder_args((), {"path": url, "headers": headers})
            environ = request.environ
            client._add_cookies_to_wsgi(environ)
        return environ | {"flask.app": self.app}
