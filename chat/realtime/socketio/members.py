"""The members of the Socket.IO rooms, among the sockets of this process."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Protocol

from chat.realtime.counters import Counters
from chat.realtime.engineio.connection import Connection
from chat.realtime.engineio.engine import Engine
from chat.realtime.protocols.json import Json
from chat.realtime.socketio.client import NULL_TRANSPORT, Client, Room
from chat.realtime.socketio.namespace import Namespace


class Host(Protocol):
    """The server, as the fan-out uses it."""

    eio: Engine
    json: Json
    counters: Counters

    def disconnect_client(self, client: Client) -> None: ...


class Members:
    """The half of the fan-out that knows the members of rooms. Its methods never yield."""

    def __init__(self) -> None:
        self._namespaces: dict[str, Namespace] = {}
        self.server: Host

    def set_server(self, server: Host) -> None:
        self.server = server

    def initialize(self) -> None:
        """Do nothing: python-socketio calls this before the first session."""

    # who is in which room

    def get_namespaces(self) -> Collection[str]:
        return self._namespaces.keys()

    @property
    def rooms(self) -> dict[str, dict[Room, dict[str, str]]]:
        """Return a copy in the form of python-socketio: namespace, room, sid, Engine.IO sid.

        The room None contains everybody, and each sid is a room with one member.
        """
        return {name: names.as_rooms() for name, names in self._namespaces.items()}

    def client(self, sid: str, namespace: str) -> Client | None:
        names = self._namespaces.get(namespace)
        if names is None:
            return None
        return names.clients.get(sid)

    def is_connected(self, sid: str, namespace: str) -> bool:
        client = self.client(sid, namespace)
        return client is not None and client.connected

    def eio_sid_from_sid(self, sid: str, namespace: str) -> str | None:
        client = self.client(sid, namespace)
        if client is None:
            return None
        return client.connection.sid

    def sid_from_eio_sid(self, eio_sid: str, namespace: str) -> str | None:
        connection = self.server.eio.sockets.get(eio_sid)
        if connection is None or namespace not in connection.clients:
            return None
        sid: str = connection.clients[namespace].sid
        return sid

    def get_participants(self, namespace: str, room: Room | None) -> Iterator[tuple[str, str]]:
        """Yield (sid, Engine.IO sid) of every member of the room who is not leaving."""
        for client in list(self.audience(namespace, room)):
            if not client.leaving:
                yield client.sid, client.connection.sid

    def has_anybody(self, namespace: str, room: Room) -> bool:
        names = self._namespaces.get(namespace)
        return names is not None and room in names.rooms

    def get_rooms(self, sid: str, namespace: str) -> list[Room]:
        """Return the rooms of a client, its own first."""
        client = self.client(sid, namespace)
        if client is None:
            return []
        return [sid, *client.rooms]

    def audience(self, namespace: str, room: Room | list[str] | None) -> Collection[Client]:
        """Return the clients of a room, of several rooms, or of the whole namespace (None)."""
        names = self._namespaces.get(namespace)
        if names is None:
            return ()
        if room is None:
            return names.clients.values()
        if isinstance(room, list | tuple | set | frozenset):
            return {
                client.sid: client for part in room for client in self.audience(namespace, part)
            }.values()
        if (members := names.rooms.get(room)) is not None:
            return members.values()
        client = names.clients.get(room)  # type: ignore[call-overload]  # a sid is a room, too
        if client is None:
            return ()
        return (client,)

    # joining and leaving

    def admit(self, connection: Connection, namespace: str) -> Client:
        """Add a client to the namespace, with its packets buffered until `flush_buffered`."""
        client = Client(self.server.eio.generate_id(), namespace, connection)
        connection.clients[namespace] = client
        self._namespaces.setdefault(namespace, Namespace()).clients[client.sid] = client
        return client

    def detach(self, client: Client) -> None:
        """Stop sending to a client. It leaves its rooms after its `disconnect` handler."""
        client.leaving = True
        client.line = NULL_TRANSPORT

    def remove(self, client: Client) -> None:
        self.detach(client)
        names = self._namespaces[client.namespace]
        for room in client.rooms:
            names.remove_member(client, room)
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
        self._namespaces[namespace].remove_member(client, room)

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
        """Disconnect a client from the namespace, if the client is connected to this process."""
        if (client := self.client(sid, namespace)) is not None:
            self.server.disconnect_client(client)
