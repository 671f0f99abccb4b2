"""Who is in which room, and how a packet gets to all of them: made once, appended to each one's line, sent by the flusher."""

from __future__ import annotations

import itertools
import logging
from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from chat.realtime import eventlet_hub as hub
from chat.realtime import packets
from chat.realtime.coalescing import MANY, Coalescing
from chat.realtime.connection import NOWHERE, Connection, NullTransport, Polling
from chat.realtime.flushing import LARGE, Flusher
from chat.realtime.packets import Encoded
from chat.realtime.wire import Wire

if TYPE_CHECKING:
    from chat.realtime.server import Server

CONNECT_SECONDS = 0.005  # between the CONNECT packet and what is sent while the client connects

Room = Hashable
Callback = Callable[..., object]

logger = logging.getLogger(__name__)


class BufferedTransport:
    """Where packets wait for somebody whose `connect` handler still runs: none may come before the CONNECT packet."""

    direct = False

    def __init__(self) -> None:
        self.packets: list[Encoded] = []

    def send(self, packet: Encoded) -> None:
        self.packets.append(packet)


class Client:
    """A connection's membership of one namespace. `line`: where its packets go."""

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
        """The acknowledgement's number that this callback waits for."""
        if self.callbacks is None or self.numbers is None:
            self.callbacks, self.numbers = {}, itertools.count(1)
        number = next(self.numbers)
        self.callbacks[number] = callback
        return number

    def let_in(self) -> None:
        """It has been sent the CONNECT packet. What was held comes after a moment: some begin to listen only then."""
        self.connecting = False
        if isinstance(self.line, BufferedTransport) and self.line.packets:
            hub.call_later(CONNECT_SECONDS, self.let_out)
        else:
            self.let_out()

    def let_out(self) -> None:
        """From now on packets go to the client, those that were held first."""
        held = self.line
        if isinstance(held, BufferedTransport):
            self.line = self.connection.line
            for packet in held.packets:
                self.line.send(packet)


class Namespace:
    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        self.rooms: dict[Room, dict[str, Client]] = {}
        self._coalescing: dict[Room, Coalescing] = {}  # of those in which there were MANY

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
        """Who was in it."""
        self._coalescing.pop(room, None)
        return self.rooms.pop(room, {})


class FanOut:
    """Takes the place of python-socketio's client manager, for the sockets of this process. Nothing here yields."""

    def __init__(self) -> None:
        self._namespaces: dict[str, Namespace] = {}
        self.server: Server

    def set_server(self, server: Server) -> None:
        self.server = server

    def initialize(self) -> None:
        """Before the first session."""

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
        """(sid, Engine.IO sid) of everybody in the room who is not on the way out."""
        for client in list(self._audience(namespace, room)):
            if not client.leaving:
                yield client.sid, client.connection.sid

    def has_anybody(self, namespace: str, room: Room) -> bool:
        names = self._namespaces.get(namespace)
        return names is not None and room in names.rooms

    def get_rooms(self, sid: str, namespace: str) -> list[Room]:
        """The rooms of a client, its own first."""
        client = self.client(sid, namespace)
        return [sid, *client.rooms] if client else []

    # coming and going

    def admit(self, connection: Connection, namespace: str) -> Client:
        """A client of the namespace whose packets are held until it is let out."""
        client = Client(self.server.eio.generate_id(), namespace, connection)
        connection.clients[namespace] = client
        self._namespaces.setdefault(namespace, Namespace()).clients[client.sid] = client
        return client

    def detach(self, client: Client) -> None:
        """Nothing is sent to it any more. It stays in its rooms until its `disconnect` handler has run."""
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
        """Raises ValueError when there is no such client."""
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
        """Raises ValueError for the room that is somebody's own."""
        names = self._namespaces.get(namespace)
        if names is None:
            return
        if room in names.clients:
            raise ValueError("cannot close a sid room")
        for client in names.close(room).values():
            client.rooms.remove(room)

    def disconnect(self, sid: str, namespace: str) -> None:
        """Puts a client out of the namespace, if it is here."""
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
        """An event to a client, a room, several rooms, or everybody in the namespace. Never yields."""
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
        """One packet to everybody in the room who is connected to this process."""
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
            if line.direct and isinstance(
                line, Wire
            ):  # a WebSocket that keeps up; written out here, since it runs once for every delivery
                if few or not line.out:
                    mark(line)
                line.out.append(frame)
            else:
                line.send(packet)
        self.server.eio.flusher.wake()
        self.server.counters.packets_out += len(audience)

    def _list_for(
        self, namespace: str, room: Room | list[str] | None, size: int
    ) -> deque[Wire] | list[Wire]:
        """The flusher's list, or a lively room's, for those of an audience who have something to send now."""
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
        """As deliver, but everybody is asked for an acknowledgement, each with a number of their own."""
        skip = _as_set(skip_sid)
        for client in list(self._audience(namespace, room)):
            if client.sid not in skip and not client.leaving:
                client.line.send(
                    self.encode(packets.EVENT, namespace, data, client.number(callback_of(client)))
                )
                self.server.counters.packets_out += 1

    def acknowledge(self, client: Client, number: int, data: list[Any]) -> None:
        """A client's acknowledgement; one that nobody waits for is passed over. May yield."""
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
        client = names.clients.get(room)  # type: ignore[call-overload]  # whoever is asked for by sid is a room of their own
        return (client,) if client else ()


def arguments(data: Any) -> list[Any]:
    """A tuple is several arguments, None is none, anything else is one."""
    if isinstance(data, tuple):
        return list(data)
    return [] if data is None else [data]


def _as_set(skip_sid: str | Iterable[str] | None) -> Collection[str]:
    if skip_sid is None:
        return ()
    return (skip_sid,) if isinstance(skip_sid, str) else frozenset(skip_sid)
