"""Rooms and fan-out: who is in which room, and how a packet reaches all of its members.

A packet is encoded once and appended to each member's line; the flusher sends it.
"""

from __future__ import annotations

import itertools
import logging
from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from chat.realtime import loop
from chat.realtime.engineio.connection import NOWHERE, Connection, NullTransport, Polling
from chat.realtime.socketio import packets
from chat.realtime.socketio.packets import Encoded
from chat.realtime.transport.coalescing import MANY, Coalescing
from chat.realtime.transport.flushing import LARGE, Flusher
from chat.realtime.transport.interfaces import Writable
from chat.realtime.transport.wire import Wire

if TYPE_CHECKING:
    from chat.realtime.socketio.server import Server

CONNECT_SECONDS = 0.005  # between the CONNECT packet and the packets buffered before it

Room = Hashable
Callback = Callable[..., object]

logger = logging.getLogger(__name__)


class BufferedTransport:
    """Buffers packets while a client's `connect` handler runs: CONNECT must be the first packet."""

    direct = False

    def __init__(self) -> None:
        self.packets: list[Encoded] = []

    def send(self, packet: Encoded) -> None:
        self.packets.append(packet)


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
        self.sid, self.namespace, self.connection = sid, namespace, connection
        self.line: Wire | Polling | BufferedTransport | NullTransport = BufferedTransport()
        self.rooms: list[Room] = []
        self.connecting, self.leaving, self.to_leave = True, False, False
        self.callbacks: dict[int, Callback] | None = None
        self.numbers: Iterator[int] | None = None

    @property
    def connected(self) -> bool:
        return not self.connecting and not self.leaving

    def number(self, callback: Callback) -> int:
        """Register a callback; return the number of the acknowledgement that it waits for."""
        if self.callbacks is None or self.numbers is None:
            self.callbacks, self.numbers = {}, itertools.count(1)
        number = next(self.numbers)
        self.callbacks[number] = callback
        return number

    def let_in(self) -> None:
        """Mark the client as connected, after its CONNECT packet, and send what was buffered.

        Buffered packets follow after CONNECT_SECONDS: some clients attach their listeners only
        then.
        """
        self.connecting = False
        if isinstance(self.line, BufferedTransport) and self.line.packets:
            loop.call_later(CONNECT_SECONDS, self.let_out)
        else:
            self.let_out()

    def let_out(self) -> None:
        """Send the buffered packets, and from now on send packets directly."""
        held = self.line
        if isinstance(held, BufferedTransport):
            self.line = self.connection.line
            for packet in held.packets:
                self.line.send(packet)


class Namespace:
    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        self.rooms: dict[Room, dict[str, Client]] = {}
        self._coalescing: dict[Room, Coalescing] = {}  # of rooms that had MANY members

    def coalescing(self, room: Room, flusher: Flusher) -> Coalescing:
        if (coalescing := self._coalescing.get(room)) is None:
            coalescing = self._coalescing[room] = Coalescing(flusher)
        return coalescing

    def as_rooms(self) -> dict[Room, dict[str, str]]:
        """Return FanOut.rooms of this namespace."""
        everybody = {sid: client.connection.sid for sid, client in self.clients.items()}
        rooms: dict[Room, dict[str, str]] = {None: everybody}
        for sid, eio_sid in everybody.items():
            rooms[sid] = {sid: eio_sid}
        for room, members in self.rooms.items():
            rooms[room] = {sid: everybody[sid] for sid in members}
        return rooms

    def take_out(self, client: Client, room: Room) -> None:
        members = self.rooms[room]
        del members[client.sid]
        if not members:
            self.close(room)

    def close(self, room: Room) -> dict[str, Client]:
        """Remove a room; return its members."""
        self._coalescing.pop(room, None)
        return self.rooms.pop(room, {})


class FanOut:
    """Takes the place of python-socketio's client manager for the sockets of this process.

    Its methods never yield, except `acknowledge`.
    """

    def __init__(self) -> None:
        self._namespaces: dict[str, Namespace] = {}
        self.server: Server

    def set_server(self, server: Server) -> None:
        self.server = server

    def initialize(self) -> None:
        """Do nothing: python-socketio calls this before the first session."""

    # who is there

    def get_namespaces(self) -> Collection[str]:
        return self._namespaces.keys()

    @property
    def rooms(self) -> dict[str, dict[Room, dict[str, str]]]:
        """Return a copy in the form of python-socketio: namespace, room, sid, Engine.IO sid.

        None is the room of everybody, and each sid a room with one member.
        """
        return {name: names.as_rooms() for name, names in self._namespaces.items()}

    def client(self, sid: str, namespace: str) -> Client | None:
        names = self._namespaces.get(namespace)
        return names.clients.get(sid) if names else None

    def is_connected(self, sid: str, namespace: str) -> bool:
        client = self.client(sid, namespace)
        return client is not None and client.connected

    def eio_sid_from_sid(self, sid: str, namespace: str) -> str | None:
        client = self.client(sid, namespace)
        return client.connection.sid if client else None

    def sid_from_eio_sid(self, eio_sid: str, namespace: str) -> str | None:
        connection = self.server.eio.sockets.get(eio_sid)
        client = connection.clients.get(namespace) if connection else None
        return client.sid if client else None

    def get_participants(self, namespace: str, room: Room | None) -> Iterator[tuple[str, str]]:
        """Yield (sid, Engine.IO sid) of every member of the room who is not leaving."""
        for client in list(self._audience(namespace, room)):
            if not client.leaving:
                yield client.sid, client.connection.sid

    def has_anybody(self, namespace: str, room: Room) -> bool:
        names = self._namespaces.get(namespace)
        return names is not None and room in names.rooms

    def get_rooms(self, sid: str, namespace: str) -> list[Room]:
        """Return the rooms of a client, its own first."""
        client = self.client(sid, namespace)
        return [sid, *client.rooms] if client else []

    # coming and going

    def admit(self, connection: Connection, namespace: str) -> Client:
        """Add a client to the namespace, with its packets buffered until `let_out`."""
        client = Client(self.server.eio.generate_id(), namespace, connection)
        connection.clients[namespace] = client
        self._namespaces.setdefault(namespace, Namespace()).clients[client.sid] = client
        return client

    def detach(self, client: Client) -> None:
        """Stop sending to a client. It stays in its rooms until its `disconnect` handler ran."""
        client.leaving = True
        client.line = NOWHERE

    def remove(self, client: Client) -> None:
        self.detach(client)
        names = self._namespaces[client.namespace]
        for room in client.rooms:
            names.take_out(client, room)
        client.rooms = []
        del names.clients[client.sid]
        if not names.clients:
            del self._namespaces[client.namespace]
        client.connection.clients.pop(client.namespace, None)

    def enter_room(self, sid: str, namespace: str, room: Room) -> None:
        """Add a client to a room. Raises ValueError when there is no such client."""
        client = self.client(sid, namespace)
        if client is None:
            raise ValueError("sid is not connected to requested namespace")
        if room == sid:
            return
        names = self._namespaces[namespace]
        if room in names.clients:
            raise ValueError("cannot enter a sid room")
        members = names.rooms.setdefault(room, {})
        if sid not in members:
            members[sid] = client
            client.rooms.append(room)

    def leave_room(self, sid: str, namespace: str, room: Room) -> None:
        client = self.client(sid, namespace)
        if client is None or room not in client.rooms:
            return
        client.rooms.remove(room)
        self._namespaces[namespace].take_out(client, room)

    def close_room(self, room: Room, namespace: str) -> None:
        """Remove every member from a room. Raises ValueError for a client's own room."""
        names = self._namespaces.get(namespace)
        if names is None:
            return
        if room in names.clients:
            raise ValueError("cannot close a sid room")
        for client in names.close(room).values():
            client.rooms.remove(room)

    def disconnect(self, sid: str, namespace: str) -> None:
        """Disconnect a client from the namespace, if this process has it."""
        if (client := self.client(sid, namespace)) is not None:
            self.server.put_out(client)

    # sending

    def emit(
        self,
        event: str,
        data: Any,
        namespace: str | None = None,
        room: Room | None = None,
        skip_sid: str | Iterable[str] | None = None,
        callback: Callback | None = None,
        to: Room | None = None,
        *,
        ignore_queue: bool = False,
    ) -> None:
        """Emit to a client, a room, several rooms, or everybody in the namespace. Never yields."""
        namespace, room = namespace or "/", to or room
        if callback is not None:
            self.ask(namespace, room, [event, *arguments(data)], skip_sid, lambda _: callback)
        else:
            self.deliver(
                namespace,
                room,
                self.encode(packets.EVENT, namespace, [event, *arguments(data)]),
                skip_sid,
            )

    def encode(self, kind: int, namespace: str, data: Any, number: int | None = None) -> Encoded:
        return packets.encode(self.server.json, kind, namespace, data, number)

    def deliver(
        self,
        namespace: str,
        room: Room | list[str] | None,
        packet: Encoded,
        skip_sid: str | Iterable[str] | None = None,
    ) -> None:
        """Send one packet to every member of the room who is connected to this process."""
        audience = self._audience(namespace, room)
        if not audience:
            return
        skip = _as_set(skip_sid)
        frame, few = packet.frame, len(audience) < MANY
        mark = self._list_for(namespace, room, len(audience)).append
        for client in audience:
            if skip and client.sid in skip:
                continue
            line = client.line
            # The path of a WebSocket that keeps up, inlined because it runs once for every
            # delivery.
            if line.direct and isinstance(line, Wire):
                if few or not line.out:
                    mark(line)
                line.out.append(frame)
            else:
                line.send(packet)
        self.server.eio.flusher.wake()
        self.server.counters.packets_out += len(audience)

    def _list_for(
        self, namespace: str, room: Room | list[str] | None, size: int
    ) -> deque[Writable] | list[Writable]:
        """Return the list for an audience's wires: the flusher's, or that of a lively room."""
        flusher = self.server.eio.flusher
        if size > LARGE:
            return flusher.large
        if size < MANY or not isinstance(room, str):
            return flusher.small
        return self._namespaces[namespace].coalescing(room, flusher).note()

    def ask(
        self,
        namespace: str,
        room: Room | None,
        data: list[Any],
        skip_sid: str | Iterable[str] | None,
        callback_of: Callable[[Client], Callback],
    ) -> None:
        """Deliver as `deliver` does, and ask each member for an acknowledgement of its own."""
        skip = _as_set(skip_sid)
        for client in list(self._audience(namespace, room)):
            if client.sid not in skip and not client.leaving:
                client.line.send(
                    self.encode(packets.EVENT, namespace, data, client.number(callback_of(client)))
                )
                self.server.counters.packets_out += 1

    def acknowledge(self, client: Client, number: int, data: list[Any]) -> None:
        """Call the callback of an acknowledgement; ignore one that no callback awaits.

        May yield.
        """
        callback = client.callbacks.pop(number, None) if client.callbacks else None
        if callback is not None:
            callback(*data)

    def _audience(self, namespace: str, room: Room | list[str] | None) -> Collection[Client]:
        names = self._namespaces.get(namespace)
        if names is None:
            return ()
        if room is None:
            return names.clients.values()
        if isinstance(room, list | tuple | set | frozenset):
            return {
                client.sid: client for part in room for client in self._audience(namespace, part)
            }.values()
        if (members := names.rooms.get(room)) is not None:
            return members.values()
        client = names.clients.get(room)  # type: ignore[call-overload]  # a sid is a room, too
        return (client,) if client else ()


def arguments(data: Any) -> list[Any]:
    """Return the arguments of an event: a tuple is several, None is none, anything else is one."""
    if isinstance(data, tuple):
        return list(data)
    return [] if data is None else [data]


def _as_set(skip_sid: str | Iterable[str] | None) -> Collection[str]:
    if skip_sid is None:
        return ()
    return (skip_sid,) if isinstance(skip_sid, str) else frozenset(skip_sid)
