"""A namespace: its clients and its rooms."""

from __future__ import annotations

from chat.realtime.socketio.client import Client, Room
from chat.realtime.transport.coalescing import Coalescing
from chat.realtime.transport.flushing import Flusher


class Namespace:
    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        self.rooms: dict[Room, dict[str, Client]] = {}
        # by room; a room stays here once it had MANY members
        self._coalescing: dict[Room, Coalescing] = {}

    def coalescing(self, room: Room, flusher: Flusher) -> Coalescing:
        if (coalescing := self._coalescing.get(room)) is None:
            coalescing = Coalescing(flusher)
            self._coalescing[room] = coalescing
        return coalescing

    def as_rooms(self) -> dict[Room, dict[str, str]]:
        """Return the namespace's part of FanOut.rooms."""
        everybody = {sid: client.connection.sid for sid, client in self.clients.items()}
        rooms: dict[Room, dict[str, str]] = {None: everybody}
        for sid, eio_sid in everybody.items():
            rooms[sid] = {sid: eio_sid}
        for room, members in self.rooms.items():
            rooms[room] = {sid: everybody[sid] for sid in members}
        return rooms

    def remove_member(self, client: Client, room: Room) -> None:
        members = self.rooms[room]
        del members[client.sid]
        if not members:
            self.close(room)

    def close(self, room: Room) -> dict[str, Client]:
        """Remove a room; return its members."""
        self._coalescing.pop(room, None)
        return self.rooms.pop(room, {})
