"""Fan-out: how a packet reaches all members of a room.

A packet is encoded once and appended to the `line` of each member; the flusher sends it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from typing import Any

from chat.realtime.protocols import packets
from chat.realtime.protocols.engine_packets import Encoded
from chat.realtime.socketio.client import Callback, Client, Room
from chat.realtime.socketio.members import Members
from chat.realtime.transport.client_websocket import ClientWebSocket
from chat.realtime.transport.coalescing import MANY
from chat.realtime.transport.flushing import LARGE, Written
from chat.realtime.transport.interfaces import Writable


class FanOut(Members):
    """Takes the place of python-socketio's client manager for the sockets of this process.

    Its methods never yield, except `acknowledge`.
    """

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
        namespace = namespace or "/"
        room = to or room
        content = [event, *arguments(data)]
        if callback is not None:
            self.ask(namespace, room, content, skip_sid, lambda _: callback)
        else:
            packet = self.encode(packets.EVENT, namespace, content)
            self.deliver(namespace, room, packet, skip_sid)

    def encode(self, kind: int, namespace: str, data: Any, number: int | None = None) -> Encoded:
        return packets.encode(self.server.json, kind, namespace, data, number)

    def deliver(
        self,
        namespace: str,
        room: Room | list[str] | None,
        packet: Encoded,
        skip_sid: str | Iterable[str] | None = None,
        when_written: Written | None = None,
    ) -> None:
        """Send one packet to every member of the room who is connected to this process.

        `when_written`: called once their sockets were given it, if there are any. What a slow
        client has not taken by then waits for that client alone.
        """
        audience = self.audience(namespace, room)
        if not audience:
            return
        skip = _as_set(skip_sid)
        frame = packet.frame
        few = len(audience) < MANY
        mark = self._list_for(namespace, room, len(audience)).append
        for client in audience:
            if skip and client.sid in skip:
                continue
            line = client.line
            # The fast path: a WebSocket that keeps up. It is inlined because it runs once for every
            # delivery.
            if line.direct and isinstance(line, ClientWebSocket):
                if few or not line.out:
                    mark(line)
                line.out.append(frame)
            else:
                line.send(packet)
        if when_written:
            self._call_when_written(when_written, namespace, room, len(audience))
        self.server.eio.flusher.wake()
        self.server.counters.packets_out += len(audience)

    def _list_for(
        self, namespace: str, room: Room | list[str] | None, size: int
    ) -> deque[Writable] | list[Writable]:
        """Return the list of an audience's WebSockets: the flusher's, or that of a lively room."""
        flusher = self.server.eio.flusher
        if size > LARGE:
            return flusher.large
        if size < MANY or not isinstance(room, str):
            return flusher.small
        return self._namespaces[namespace].coalescing(room, flusher).note()

    def _call_when_written(
        self, call: Written, namespace: str, room: Room | list[str] | None, size: int
    ) -> None:
        """Have this called with the list that `_list_for` chose."""
        flusher = self.server.eio.flusher
        if size > LARGE:
            flusher.large_written.append(call)
        elif size < MANY or not isinstance(room, str):
            flusher.small_written.append(call)
        else:
            self._namespaces[namespace].coalescing(room, flusher).when_written(call)

    def ask(
        self,
        namespace: str,
        room: Room | None,
        data: list[Any],
        skip_sid: str | Iterable[str] | None,
        callback_of: Callable[[Client], Callback],
    ) -> None:
        """Deliver as `deliver` does, and request an acknowledgement from each member."""
        skip = _as_set(skip_sid)
        for client in list(self.audience(namespace, room)):
            if client.sid not in skip and not client.leaving:
                client.line.send(
                    self.encode(packets.EVENT, namespace, data, client.number(callback_of(client)))
                )
                self.server.counters.packets_out += 1

    def acknowledge(self, client: Client, number: int, data: list[Any]) -> None:
        """Call the callback of an acknowledgement; ignore one that no callback awaits.

        May yield.
        """
        if not client.callbacks:
            return
        callback = client.callbacks.pop(number, None)
        if callback is not None:
            callback(*data)


def arguments(data: Any) -> list[Any]:
    """Return the arguments of an event: a tuple is several, None is none, anything else is one."""
    if isinstance(data, tuple):
        return list(data)
    if data is None:
        return []
    return [data]


def _as_set(skip_sid: str | Iterable[str] | None) -> Collection[str]:
    if skip_sid is None:
        return ()
    if isinstance(skip_sid, str):
        return (skip_sid,)
    return frozenset(skip_sid)
