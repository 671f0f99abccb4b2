"""The Socket.IO server: namespaces, events and acknowledgements, each client's in order."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import socketio
from socketio.exceptions import ConnectionRefusedError as Refused

from chat.realtime.counters import Counters
from chat.realtime.engineio import limits as bounds
from chat.realtime.engineio.connection import Connection, LoggedConnection
from chat.realtime.engineio.engine import Engine
from chat.realtime.socketio import packets
from chat.realtime.socketio.fan_out import Client, FanOut, arguments
from chat.realtime.socketio.packets import GivenJson, Json, Packet

# The default of python-socketio and python-engineio, whose loggers name every event they emit.
stock_logger = logging.getLogger(f"{__name__}.stock")
stock_logger.setLevel(logging.ERROR)  # the libraries' default level without a logger
AT_ONCE = 64  # concurrent handlers of one client; beyond it events are handled one by one


@dataclass(frozen=True, slots=True)
class Leaving:
    """An item of an inbox, after all packets: run these clients' `disconnect` handlers."""

    clients: tuple[Client, ...]
    reason: str


class Server(socketio.Server):  # type: ignore[misc]
    """Takes the place of `socketio.Server`; python-socketio still stores and finds the handlers."""

    eio: Engine
    manager: FanOut

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
        """Create the server. `async_handlers`: run a client's handlers concurrently.

        At most AT_ONCE of them run at a time.
        """
        if serializer != "default":
            raise ValueError("serializer: only the default one is spoken here")
        self.json = Json() if json is None else GivenJson(json)
        self.counters = Counters()
        # False: only `connect` reads the request that opened a connection.
        self.environ_wanted = True
        given = [name for name in ("logger", "engineio_logger") if options.get(name)]
        loggers = {"logger": stock_logger, "engineio_logger": stock_logger}
        loggers |= {name: options[name] for name in given}
        self._engine = functools.partial(
            Engine,
            json=self.json,
            counters=self.counters,
            limits=limits,
            connection=LoggedConnection if "engineio_logger" in given else Connection,
            connect_timeout=connect_timeout,
            most_pending=most_pending,
        )
        self.handles_at_once = async_handlers  # python-socketio's own stays True: call() asks it
        super().__init__(client_manager=client_manager or FanOut(), **options | loggers)
        self.eio.handle = self._log_and_handle if "logger" in given else self._handle
        self.eio.gone = self._gone

    def disconnect(
        self, sid: str, namespace: str | None = None, ignore_queue: bool = False
    ) -> None:
        """Disconnect a client from a namespace, in whichever process it is. Never yields.

        Its `disconnect` handler runs in its turn.
        """
        if ignore_queue:
            FanOut.disconnect(self.manager, sid, namespace or "/")
        else:
            self.manager.disconnect(sid, namespace or "/")

    def put_out(self, client: Client) -> None:
        """Disconnect a client: send DISCONNECT, stop delivery, queue its `disconnect` handler.

        The handler runs after the events that the client sent before.
        """
        if client.leaving:
            return
        if client.connecting:
            client.to_leave = True
            return
        client.let_out()
        client.line.send(self._encode(packets.DISCONNECT, client.namespace))
        self._leave(client, self.reason.SERVER_DISCONNECT)

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

    def _encode(
        self, kind: int, namespace: str, data: Any = None, number: int | None = None
    ) -> packets.Encoded:
        return packets.encode(self.json, kind, namespace, data, number)

    # a connection's inbox, one at a time

    def _log_and_handle(self, connection: Connection, item: Packet | Leaving) -> None:
        if isinstance(item, Packet) and item.kind in (packets.EVENT, packets.ACK):
            client = connection.clients.get(item.namespace)
            what = f'event "{item.data[0]}"' if item.kind == packets.EVENT else "ack"
            sid = client.sid if client else None
            self.logger.info("received %s from %s [%s]", what, sid, item.namespace)
        self._handle(connection, item)

    def _handle(self, connection: Connection, item: Packet | Leaving) -> None:
        if isinstance(item, Leaving):
            self._say_goodbye(connection, item)
            return
        if item.kind == packets.CONNECT:
            if not connection.closed:
                self._connect(connection, item)
            return
        client = connection.clients.get(item.namespace)
        if client is None or (client.leaving and not connection.closed):
            return  # the client left, or was disconnected, while the packet was on the way
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

    def _connect(self, connection: Connection, packet: Packet) -> None:
        namespace = packet.namespace
        connection.connects += 1
        if connection.connects > bounds.MOST_CONNECTS:
            connection.reject("too many CONNECT packets")
            return
        if not self._serves(namespace):
            connection.line.send(
                self._encode(packets.CONNECT_ERROR, namespace, {"message": "Invalid namespace"})
            )
            self.eio.refused(connection)
            return
        if namespace in connection.clients:
            connection.reject("connected already")
            return
        client = self.manager.admit(connection, namespace)
        if self.always_connect:
            self._welcome(client)
        mistake = self._ask_application(client, packet.data)
        if mistake is not None:
            self._refuse(client, mistake)
        elif connection.closed:
            # the connection closed meanwhile; the client's `disconnect` handler still runs
            client.connecting = False
        else:
            if not self.always_connect:
                self._welcome(client)
            if client.to_leave:
                self.put_out(client)
            if not self.environ_wanted:
                self.environ.pop(connection.sid, None)

    def _serves(self, namespace: str) -> bool:
        named = (
            namespace in self.handlers
            or namespace in self.namespace_handlers
            or self.namespaces == "*"
            or namespace in self.namespaces
        )
        return named or "*" in self.handlers or "*" in self.namespace_handlers

    def _welcome(self, client: Client) -> None:
        client.connection.line.send(
            self._encode(packets.CONNECT, client.namespace, {"sid": client.sid})
        )
        client.let_in()
        self.eio.settled(client.connection)

    def _refuse(self, client: Client, mistake: Any) -> None:
        if self.always_connect:
            answer = self._encode(packets.DISCONNECT, client.namespace)
        else:
            answer = self._encode(packets.CONNECT_ERROR, client.namespace, mistake)
        client.connection.line.send(answer)
        self.manager.remove(client)
        self.eio.refused(client.connection)

    def _ask_application(self, client: Client, auth: Any) -> Any:
        """Return the error for a client that the `connect` handler refuses, or None."""
        try:
            accepted = self._trigger_connect(client, auth)
        except Refused as refused:
            return refused.error_args
        except Exception as error:  # noqa: BLE001  a failing handler must not admit anybody
            client.connection.log_failure("the connect handler failed", error)
            return {"message": "Connection refused by server"}
        return Refused().error_args if accepted is False else None

    def _trigger_connect(self, client: Client, auth: Any) -> Any:
        """Call the handler, as python-socketio does: without `auth` where it does not take one."""
        request = (client.sid, self.environ.get(client.connection.sid, {}))
        try:
            return self._trigger_event("connect", client.namespace, *request, auth)
        except TypeError:
            if auth:
                raise
        return self._trigger_event("connect", client.namespace, *request)

    def _event_at_once(self, client: Client, packet: Packet) -> None:
        try:
            self._event(client, packet)
        except Exception as error:  # noqa: BLE001  as Connection does for what it handles in order
            client.connection.log_failure("a handler failed", error)
        finally:
            client.connection.at_once -= 1

    def _event(self, client: Client, packet: Packet) -> None:
        answer = self._trigger_event(packet.data[0], client.namespace, client.sid, *packet.data[1:])
        if packet.id is not None and answer is not self.not_handled:
            client.line.send(
                self._encode(packets.ACK, client.namespace, arguments(answer), packet.id)
            )

    # going

    def _leave(self, client: Client, reason: str) -> None:
        self.manager.detach(client)
        client.connection.put(Leaving((client,), reason))

    def _gone(self, connection: Connection, reason: str) -> None:
        """Detach the clients of a lost connection, and queue their `disconnect` handlers.

        The handlers run after the events that the clients sent before.
        """
        clients = tuple(client for client in connection.clients.values() if not client.leaving)
        for client in clients:
            self.manager.detach(client)
        connection.put(Leaving(clients, reason))

    def _say_goodbye(self, connection: Connection, leaving: Leaving) -> None:
        for client in leaving.clients:
            if client.connecting or connection.clients.get(client.namespace) is not client:
                continue  # never connected
            try:
                self._trigger_event("disconnect", client.namespace, client.sid, leaving.reason)
            except Exception as error:  # noqa: BLE001  the client is gone all the same
                connection.log_failure("the disconnect handler failed", error)
            self.manager.remove(client)
        if connection.closed:
            self.environ.pop(connection.sid, None)
        elif not connection.clients:
            self.eio.left_alone(connection)
