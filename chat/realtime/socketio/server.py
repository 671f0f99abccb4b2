"""The Socket.IO server: namespaces, events and acknowledgements, in order for each client."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, NoReturn

from chat.realtime.counters import Counters
from chat.realtime.engineio import limits as bounds
from chat.realtime.engineio.connection import Connection, LoggedConnection
from chat.realtime.engineio.engine import Engine
from chat.realtime.protocols import packets
from chat.realtime.protocols.json import GivenJson, Json
from chat.realtime.protocols.packets import Packet
from chat.realtime.socketio.admission import Admission, Leaving
from chat.realtime.socketio.client import Client
from chat.realtime.socketio.fan_out import FanOut, arguments

# The libraries' logger, if the application sets none. python-socketio and python-engineio log the
# name of every event that they emit.
stock_logger = logging.getLogger(f"{__name__}.stock")
stock_logger.setLevel(logging.ERROR)  # the level of the libraries without a logger
# concurrent handlers of one client; above this number, its events are handled one by one
AT_ONCE = 64


class Server(Admission):
    """Takes the place of `socketio.Server`; python-socketio still stores and finds the handlers."""

    def __init__(
        self,
        *,
        client_manager: FanOut | None = None,
        serializer: Any = "default",
        json: Any = None,
        limits: bool = True,
        connect_timeout: float = bounds.CONNECT_SECONDS,
        most_pending: int = bounds.PENDING,
        async_handlers: bool = False,
        **options: Any,
    ):
        """Create the server. `async_handlers`: run at most AT_ONCE handlers of a client at once."""
        if serializer != "default":
            raise ValueError("serializer: only the default one is spoken here")
        self.json = _json(json)
        self.counters = Counters()
        self.environ_wanted = True
        logs_events = bool(options.get("logger"))
        connection = _connection(logged=bool(options.get("engineio_logger")))
        for name in ("logger", "engineio_logger"):
            options[name] = options.get(name) or stock_logger
        self._engine = functools.partial(
            Engine,
            json=self.json,
            counters=self.counters,
            limits=limits,
            connection=connection,
            connect_timeout=connect_timeout,
            most_pending=most_pending,
        )
        # python-socketio's own flag stays True, because call() requires it
        self.handles_at_once = async_handlers
        super().__init__(client_manager=client_manager or FanOut(), **options)
        self.eio.handle = self._handle
        if logs_events:
            self.eio.handle = self._log_and_handle
        self.eio.on_lost = self._on_lost

    def disconnect(
        self, sid: str, namespace: str | None = None, ignore_queue: bool = False
    ) -> None:
        """Disconnect a client from a namespace, in any process. Never yields.

        The `disconnect` handler runs after the client's earlier events.
        """
        if ignore_queue:
            FanOut.disconnect(self.manager, sid, namespace or "/")
        else:
            self.manager.disconnect(sid, namespace or "/")

    def instrument(self, *_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError(
            "instrument: Socket.IO's Admin UI looks into python-socketio's own manager and sockets;"
            " SocketIO.counters has figures."
        )

    def _handle_eio_message(self, eio_sid: str, data: Any) -> NoReturn:
        """Reject Flask-SocketIO's own SocketIOTestClient, which passes its packets here."""
        raise NotImplementedError(
            "flask_socketio.SocketIOTestClient needs python-socketio's server: use"
            " SocketIO.test_client, which has the same interface."
        )

    def _engineio_server_class(self) -> Callable[..., Engine]:
        return self._engine

    # handling a connection's inbox, one item at a time

    def _log_and_handle(self, connection: Connection, item: Packet | Leaving) -> None:
        if isinstance(item, Packet) and item.kind in (packets.EVENT, packets.ACK):
            client = connection.clients.get(item.namespace)
            what = "ack"
            if item.kind == packets.EVENT:
                what = f'event "{item.data[0]}"'
            sid = client and client.sid
            self.logger.info("received %s from %s [%s]", what, sid, item.namespace)
        self._handle(connection, item)

    def _handle(self, connection: Connection, item: Packet | Leaving) -> None:
        if isinstance(item, Leaving):
            self._run_disconnect_handlers(connection, item)
            return
        if item.kind == packets.CONNECT:
            if not connection.closed:
                self._connect(connection, item)
            return
        client: Client | None = connection.clients.get(item.namespace)
        if client is None or (client.leaving and not connection.closed):
            return  # the client left, or was disconnected, before this packet arrived
        if item.kind == packets.EVENT:
            if self.handles_at_once and connection.at_once < AT_ONCE:
                connection.at_once += 1
                self.eio.workers.run(self._event_at_once, client, item)
            else:
                self._event(client, item)
        elif item.kind == packets.ACK:
            assert item.id is not None
            self.manager.acknowledge(client, item.id, item.data)
        else:
            self._leave(client, self.reason.CLIENT_DISCONNECT)

    def _event_at_once(self, client: Client, packet: Packet) -> None:
        try:
            self._event(client, packet)
        except Exception as error:  # noqa: BLE001  a handler may raise anything
            client.connection.log_failure("a handler failed", error)
        finally:
            client.connection.at_once -= 1

    def _event(self, client: Client, packet: Packet) -> None:
        answer = self._trigger_event(packet.data[0], client.namespace, client.sid, *packet.data[1:])
        if packet.id is not None and answer is not self.not_handled:
            client.line.send(
                self._encode(packets.ACK, client.namespace, arguments(answer), packet.id)
            )

    # disconnecting

    def _on_lost(self, connection: Connection, reason: str) -> None:
        """Detach the clients of a lost connection, and queue their `disconnect` handlers.

        The handlers run after the events that the clients sent before.
        """
        clients = tuple(client for client in connection.clients.values() if not client.leaving)
        for client in clients:
            self.manager.detach(client)
        connection.put(Leaving(clients, reason))

    def _run_disconnect_handlers(self, connection: Connection, leaving: Leaving) -> None:
        for client in leaving.clients:
            if client.connecting or connection.clients.get(client.namespace) is not client:
                continue  # the client never connected
            try:
                self._trigger_event("disconnect", client.namespace, client.sid, leaving.reason)
            except Exception as error:  # noqa: BLE001  the next client needs its handler
                connection.log_failure("the disconnect handler failed", error)
            self.manager.remove(client)
        if connection.closed:
            self.environ.pop(connection.sid, None)
        elif not connection.clients:
            self.eio.await_join(connection)


def _json(module: Any) -> Json:
    if module is None:
        return Json()
    return GivenJson(module)


def _connection(*, logged: bool) -> type[Connection]:
    if logged:
        return LoggedConnection
    return Connection
