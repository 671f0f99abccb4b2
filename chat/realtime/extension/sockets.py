"""The methods by which an application uses the sockets and rooms of this process."""

from __future__ import annotations

import time
from collections.abc import Hashable
from functools import partial
from typing import Any, NamedTuple

from chat.realtime.counters import Counters
from chat.realtime.extension.listener import Listener
from chat.realtime.protocols import packets
from chat.realtime.socketio.client import Room
from chat.realtime.socketio.server import Server
from chat.realtime.transport.client_websocket import ClientWebSocket


class SocketFigures(NamedTuple):
    """What the sockets of this process are at this moment.

    `slow`: the clients whose sockets take no more just now; `backlog`: bytes that wait for them.
    """

    websockets: int
    polling: int
    streams: int
    slow: int
    backlog: int


# for the running handlers at shutdown, and as long again for the `disconnect` handlers
DRAIN_SECONDS = 3.0


class Sockets:
    """The part of `SocketIO` that knows sockets and rooms. Only `drain` yields."""

    server: Server
    _is_bound: bool  # the server has been created
    _listeners: dict[str, Listener]

    def emit_here(
        self,
        event: str,
        data: Any,
        to: Room | list[str],
        *,
        skip_sid: str | list[str] | None = None,
        namespace: str = "/",
        since: float | None = None,
    ) -> None:
        """Emit an event to the sockets of this process in one or several rooms.

        `since`: a moment in time.time(). The time from then until the sockets were given the event
        goes into the counters.
        """
        manager = self.server.manager
        packet = manager.encode(packets.EVENT, namespace, [event, data])
        written = None if since is None else partial(self._note_delivery, since)
        manager.deliver(namespace, to, packet, skip_sid, written)

    def _note_delivery(self, since: float) -> None:
        self.counters.delivered.note(max(0.0, time.time() - since))

    def sids_in(self, room: Hashable, namespace: str = "/") -> list[str]:
        """Return the connected sockets of this process in a room."""
        return [sid for sid, _ in self.server.manager.get_participants(namespace, room)]

    def has_anybody(self, room: Hashable, namespace: str = "/") -> bool:
        """Return whether a socket of this process is in a room."""
        return self.server.manager.has_anybody(namespace, room)

    def rooms_of(self, sid: str, namespace: str = "/") -> list[Hashable]:
        """Return the rooms that a socket is in."""
        return list(self.server.manager.get_rooms(sid, namespace))

    def is_connected(self, sid: str, namespace: str = "/") -> bool:
        return self.server.manager.is_connected(sid, namespace)

    def enter_room(self, sid: str, room: Hashable, namespace: str = "/") -> None:
        self.server.manager.enter_room(sid, namespace, room)

    def leave_room(self, sid: str, room: Hashable, namespace: str = "/") -> None:
        self.server.manager.leave_room(sid, namespace, room)

    def disconnect(self, sid: str, namespace: str = "/") -> None:
        """Disconnect a client. After this, clients do not reconnect by themselves."""
        self.server.disconnect(sid, namespace)

    def arrived_at(self, sid: str, namespace: str = "/") -> float:
        """Return when the event that is being handled for this client arrived, in time.monotonic().

        The event may have waited in the inbox since then.
        """
        client = self.server.manager.client(sid, namespace)
        if client is None:
            return time.monotonic()
        return client.connection.arrived_at

    def address_of(self, sid: str, namespace: str = "/") -> str:
        """Return the address that opened a socket; empty once the socket has closed."""
        client = self.server.manager.client(sid, namespace)
        if client is None:
            return ""
        return client.connection.address

    def close_transport(self, sid: str, namespace: str = "/") -> None:
        """Close the connection below Socket.IO; the client then reconnects by itself."""
        if eio_sid := self.server.manager.eio_sid_from_sid(sid, namespace):
            self.server.eio.disconnect(eio_sid)

    def listen(self, address: str) -> Listener:
        """Return a client of this process that only receives; whoever asks closes it.

        Raises TooManyFromNetwork.
        """
        listener = Listener(self.server, address)
        self._listeners[listener.sid] = listener
        return listener

    def stop_listening(self, listener: Listener) -> None:
        self._listeners.pop(listener.sid, None)
        listener.close()

    def make_room(self) -> bool:
        """Close the oldest pending session; return whether there was one.

        Never yields.
        """
        return self._is_bound and self.server.eio.make_room()

    def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Stop accepting, let handlers finish, then close every transport. Idempotent. Yields.

        The clients then reconnect to another process.
        """
        if self._is_bound:
            for listener in list(self._listeners.values()):
                self.stop_listening(listener)
            self.server.eio.drain(seconds)

    def figures(self) -> SocketFigures:
        """Return what the sockets are now. It looks at each of them."""
        lines = [connection.line for connection in self.server.eio.sockets.values()]
        websockets = [line for line in lines if isinstance(line, ClientWebSocket)]
        waiting = [line.waiting for line in websockets if line.waiting]
        return SocketFigures(
            websockets=len(websockets),
            polling=len(lines) - len(websockets),
            streams=len(self._listeners),
            slow=len(waiting),
            backlog=sum(waiting),
        )

    @property
    def counters(self) -> Counters:
        return self.server.counters
