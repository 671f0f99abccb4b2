"""How clients join a namespace, and how the server disconnects them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import socketio
from socketio.exceptions import ConnectionRefusedError as Refused

from chat.realtime.engineio import limits as bounds
from chat.realtime.engineio.connection import Connection
from chat.realtime.engineio.engine import Engine
from chat.realtime.protocols import packets
from chat.realtime.protocols.engine_packets import Encoded
from chat.realtime.protocols.json import Json
from chat.realtime.protocols.packets import Packet
from chat.realtime.socketio.client import Client
from chat.realtime.socketio.fan_out import FanOut


@dataclass(frozen=True, slots=True)
class Leaving:
    """An item of an inbox, after all packets: run these clients' `disconnect` handlers."""

    clients: tuple[Client, ...]
    reason: str


class Admission(socketio.Server):  # type: ignore[misc]
    """The half of the server that serves CONNECT packets, and disconnects clients."""

    eio: Engine
    manager: FanOut
    json: Json
    environ_wanted: bool  # False: only `connect` reads the request that opened a connection

    def disconnect_client(self, client: Client) -> None:
        """Disconnect a client: send DISCONNECT, stop delivery, queue its `disconnect` handler.

        The handler runs after the events that the client sent before.
        """
        if client.leaving:
            return
        if client.connecting:
            client.to_leave = True
            return
        client.flush_buffered()
        client.line.send(self._encode(packets.DISCONNECT, client.namespace))
        self._leave(client, self.reason.SERVER_DISCONNECT)

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
            # The connection closed during the `connect` handler; the `disconnect` handler still
            # runs.
            client.connecting = False
        else:
            if not self.always_connect:
                self._welcome(client)
            if client.to_leave:
                self.disconnect_client(client)
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
        client.accept()
        self.eio.joined(client.connection)

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
        if accepted is False:
            return Refused().error_args
        return None

    def _trigger_connect(self, client: Client, auth: Any) -> Any:
        """Call the handler; as in python-socketio, without `auth` if the handler takes none."""
        request = (client.sid, self.environ.get(client.connection.sid, {}))
        try:
            return self._trigger_event("connect", client.namespace, *request, auth)
        except TypeError:
            if auth:
                raise
        return self._trigger_event("connect", client.namespace, *request)

    def _leave(self, client: Client, reason: str) -> None:
        self.manager.detach(client)
        client.connection.put(Leaving((client,), reason))

    def _encode(
        self, kind: int, namespace: str, data: Any = None, number: int | None = None
    ) -> Encoded:
        return packets.encode(self.json, kind, namespace, data, number)
