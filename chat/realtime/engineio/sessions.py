"""The sessions of Engine.IO: their limits, their deadlines, their end."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NoReturn

import engineio

from chat.realtime import loop
from chat.realtime.counters import Counters
from chat.realtime.engineio import limits as bounds
from chat.realtime.engineio.connection import Connection
from chat.realtime.engineio.deadlines import Deadlines
from chat.realtime.engineio.limits import Limits
from chat.realtime.engineio.requests import Environ, without_server
from chat.realtime.protocols.json import Json
from chat.realtime.transport import frames
from chat.realtime.transport.client_websocket import ClientWebSocket
from chat.realtime.transport.flushing import Flusher
from chat.realtime.transport.read_batching import ReadBatching

OPTIONS = inspect.signature(engineio.Server).parameters.keys() - {"kwargs"}


class Sessions(engineio.Server):  # type: ignore[misc]
    """The half of the server that knows sessions, without their requests."""

    # Socket.IO's handlers, which Socket.IO sets before the first request
    handle: Callable[[Connection, Any], None]  # handles an item of an inbox; may yield
    on_lost: Callable[[Connection, str], None]  # called once, with the reason; must not yield

    def __init__(
        self,
        *,
        json: Json,
        counters: Counters,
        limits: bool,
        connect_timeout: float = bounds.CONNECT_SECONDS,
        most_pending: int = bounds.PENDING,
        connection: type[Connection] = Connection,
        **options: Any,
    ):
        _check(options)
        super().__init__(**options | {"monitor_clients": False})
        self.json = json
        self.counters = counters
        self.workers = loop.Workers()
        self.flusher = Flusher()
        self.read_batching = ReadBatching()
        self.limits: Limits[Connection] = Limits(enforced=limits, most_pending=most_pending)
        self.draining = False
        self.pings: Deadlines[Connection] = Deadlines(self.ping_interval, self._ping)
        self.pongs: Deadlines[Connection] = Deadlines(self.ping_timeout, self._miss)
        self._unjoined: Deadlines[Connection] = Deadlines(connect_timeout, self._check_unjoined)
        self._connection = connection

    # methods that Socket.IO calls

    def async_modes(self) -> list[str]:
        return ["eventlet"]

    def on(self, event: str, handler: Callable[..., Any] | None = None) -> Any:
        """Register Socket.IO's handlers while its server is created; raise for any others."""
        if hasattr(self, "handle"):
            raise NotImplementedError("eio.on: Engine.IO's events are Socket.IO's alone here")
        return super().on(event, handler)

    def send(self, sid: str, data: Any) -> NoReturn:
        raise NotImplementedError("eio.send: emit an event instead")

    def send_packet(self, sid: str, pkt: Any) -> NoReturn:
        raise NotImplementedError("eio.send_packet: emit an event instead")

    def disconnect(self, sid: str | None = None) -> None:
        """Close the transport of one session, or of all. Never yields.

        The clients reconnect by themselves.
        """
        if sid is None:
            for connection in list(self.sockets.values()):
                self._go_away(connection)
        elif (connection := self.sockets.get(sid)) is not None:
            self._go_away(connection)

    def _go_away(self, connection: Connection) -> None:
        connection.close(self.reason.SERVER_DISCONNECT, frames.GOING_AWAY)

    def joined(self, connection: Connection) -> None:
        """Mark a connection as being in a namespace."""
        if connection.pending:
            connection.pending = False
            self.limits.settled(connection, connection.address)

    def await_join(self, connection: Connection) -> None:
        """Give a connection in no namespace `connect_timeout` to join one."""
        if not connection.closed:
            connection.unjoined_until = self._unjoined.add(connection)

    def refused(self, connection: Connection) -> None:
        """Count a refused CONNECT packet; the connection's deadline to join stays."""
        connection.refusals += 1
        if connection.refusals >= bounds.MOST_REFUSALS:
            connection.close(self.reason.TRANSPORT_CLOSE, frames.NORMAL, "refused too often")
        elif not connection.clients and not connection.unjoined_until:
            connection.close(self.reason.TRANSPORT_CLOSE, frames.NORMAL, "in no namespace")

    def make_room(self) -> bool:
        """Close the oldest pending session; return whether there was one."""
        oldest = self.limits.oldest_pending()
        if oldest is None:
            return False
        self.crowd_out(oldest)
        return True

    def crowd_out(self, connection: Connection) -> None:
        self.counters.crowded_out += 1
        connection.close(
            self.reason.TRANSPORT_CLOSE,
            frames.TRY_AGAIN_LATER,
            "others are waiting",
            linger=False,
        )

    def forget(self, connection: Connection) -> None:
        self.sockets.pop(connection.sid, None)
        self.limits.closed(connection, connection.address)
        self.counters.open_sockets -= 1

    def drain(self, seconds: float) -> None:
        """Stop accepting, let handlers finish within `seconds`, then close all sessions. Yields."""
        self.draining = True
        if not self.sockets and self.workers.idle:
            return
        for connection in self.sockets.values():
            if isinstance(connection.line, ClientWebSocket):
                connection.line.pause()
        self._wait_for_handlers(seconds)
        self.disconnect()
        self._wait_for_handlers(seconds)

    def _wait_for_handlers(self, seconds: float) -> None:
        step = 0.02
        loop.sleep(step)
        for _ in range(int(seconds / step)):
            if self.workers.idle:
                break
            loop.sleep(step)

    def admit(self, connection: Connection, environ: Environ) -> None:
        """Begin a session. `environ`: the request that opened it."""
        self.sockets[connection.sid] = connection
        self.limits.opened(connection, connection.address)
        self.counters.open_sockets += 1
        self.counters.opened += 1
        self.handlers["connect"](connection.sid, without_server(environ))
        connection.heartbeat = self.pings.add(connection)
        self.await_join(connection)

    # deadlines

    def _ping(self, connection: Connection, deadline: float) -> None:
        if not connection.closed and connection.heartbeat == deadline:
            connection.ping()

    def _miss(self, connection: Connection, deadline: float) -> None:
        if connection.closed or connection.heartbeat != deadline:
            return
        if connection.paused:  # the client's pong may be among the bytes that we have not read
            connection.heartbeat = self.pongs.add(connection)
        else:
            connection.close(self.reason.PING_TIMEOUT)

    def _check_unjoined(self, connection: Connection, deadline: float) -> None:
        if connection.unjoined_until != deadline:
            return
        connection.unjoined_until = 0.0
        if not connection.clients:
            connection.close(self.reason.TRANSPORT_CLOSE, frames.NORMAL, "in no namespace")


def _check(options: dict[str, Any]) -> None:
    """Raise ValueError for an option that would have no effect."""
    if unknown := sorted(options.keys() - OPTIONS):
        raise ValueError(f"{', '.join(unknown)}: no option of this name is known")
    if options.get("async_mode") not in (None, "eventlet"):
        raise ValueError(f"async_mode: only eventlet is supported, not {options['async_mode']!r}")
    if not options.get("monitor_clients", True):
        raise ValueError("monitor_clients: clients that do not answer are always closed")
