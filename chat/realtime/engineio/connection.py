"""One Engine.IO session: its inbox, its transport, its heartbeat.

The transport may change during the session.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chat.realtime import loop
from chat.realtime.socketio import packets
from chat.realtime.socketio.packets import BadPacket, Encoded, Packet
from chat.realtime.transport import websocket
from chat.realtime.transport.wire import MOST_WAITING, Wire

if TYPE_CHECKING:
    from chat.realtime.engineio.engine import Engine
    from chat.realtime.socketio.fan_out import Client

INBOX = 64  # packets that wait for their handler; beyond it we stop reading from the client
PROBE_SECONDS = 10.0  # to finish an upgrade

logger = logging.getLogger(__name__)

NOOP, CLOSE, PING, PROBED = Encoded(b"6"), Encoded(b"1"), Encoded(b"2"), Encoded(b"3probe")


class DuplicatePoll(Exception):
    """A second poll while one is waiting, for which the protocol closes the session."""


class NullTransport:
    """Discards the packets for a client that has left."""

    direct = False

    def send(self, packet: Encoded) -> None:
        return


NOWHERE = NullTransport()


class Polling:
    """Buffers packets for the next poll."""

    __slots__ = ("_connection", "_polling", "_waiting", "_woken", "out")
    direct = False

    def __init__(self, connection: Connection):
        self.out: list[bytes] = []
        self._connection = connection
        self._waiting = 0  # bytes
        self._polling = False
        self._woken: Any = None

    def send(self, packet: Encoded) -> None:
        if self._waiting > MOST_WAITING:
            self._connection.engine.counters.slow_consumers += 1
            self._connection.close(self._connection.engine.reason.TRANSPORT_ERROR)
            return
        self.out.append(packet.payload)
        self._waiting += len(packet.payload)
        self.wake()

    def poll(self, seconds: float) -> bytes:
        """Return all that waits, as soon as there is something. Yields.

        Returns a NOOP after `seconds` without a packet. Raises DuplicatePoll.
        """
        if self._polling:
            raise DuplicatePoll
        self._polling = True
        try:
            if not self.out and not self._connection.closed and not self._connection.upgrading:
                self._woken = loop.event()
                self._woken.wait(timeout=seconds)
                self._woken = None
            out, self.out, self._waiting = self.out, [], 0
            return packets.SEPARATOR.join(out) or NOOP.payload
        finally:
            self._polling = False

    def wake(self) -> None:
        """Answer the waiting poll with what there is."""
        if self._woken is not None and not self._woken.ready():
            self._woken.send()


class Connection:
    """An Engine.IO session.

    `line`: its transport, a Wire or Polling, whose reader calls `receive`. `inbox` keeps packets in
    order for the handlers.
    """

    __slots__ = (
        "_busy",
        "_incomplete",
        "_room",
        "_session",
        "address",
        "alone_until",
        "arrived_at",
        "at_once",
        "clients",
        "closed",
        "connects",
        "engine",
        "heartbeat",
        "inbox",
        "line",
        "paused",
        "pending",
        "pinged",
        "posting",
        "refusals",
        "sid",
        "upgrading",
    )
    # python-engineio reads this attribute of its own sockets.
    connected = True

    def __init__(self, engine: Engine, sid: str, address: str):
        self.engine, self.sid, self.address = engine, sid, address
        self.line: Wire | Polling = Polling(self)
        self.clients: dict[str, Client] = {}  # by namespace
        self.inbox: list[
            tuple[float, Any]
        ] = []  # (arrival, a Packet or another item that engine.handle takes)
        self.arrived_at = 0.0  # of the item that is being handled
        self.at_once = 0  # handlers that run concurrently with the inbox
        self.closed = self.pinged = self.paused = self.posting = self.upgrading = False
        self.pending = True  # in no namespace yet
        self.alone_until = 0.0  # the deadline to join a namespace; 0: it has passed
        self.connects = self.refusals = 0  # CONNECT packets: all, and those refused
        self.heartbeat = 0.0  # the current deadline: of the next ping, or of its pong
        self._busy = False
        self._incomplete: Packet | None = None  # a packet whose attachments are still to come
        self._room: Any = None  # an event that wakes those that wait for a shorter inbox
        self._session: dict[str, Any] | None = None

    @property
    def upgraded(self) -> bool:
        return isinstance(self.line, Wire)

    @property
    def session(self) -> dict[str, Any]:
        """Return the application's data about this client."""
        if self._session is None:
            self._session = {}
        return self._session

    @session.setter
    def session(self, session: dict[str, Any]) -> None:
        self._session = session

    # in

    def receive(self, message: str | bytes) -> None:
        """Take a packet from the WebSocket. A bad packet ends the connection."""
        try:
            self.take(message)
        except BadPacket as bad:
            self.reject(str(bad))

    def take(self, message: str | bytes) -> None:
        """Take a packet from either transport. Raises BadPacket. Never yields."""
        if self.closed:
            return
        self.engine.counters.packets_in += 1
        if isinstance(message, bytes):
            self._take_attachment(message)
        elif message[:1] == packets.MESSAGE:
            if self._incomplete is not None:
                raise BadPacket("text in the place of an attachment")
            packet = packets.decode(self.engine.json, message[1:])
            if packet.missing:
                self._incomplete = packet
            else:
                self._put(packet)
        elif message == packets.PONG:
            self._pong()
        elif message == packets.CLOSE:
            self._leave()
        else:
            raise BadPacket("no packet of Engine.IO")

    def reject(self, why: str) -> None:
        """Close the connection of a client that violates the protocol."""
        self.engine.counters.bad_packets += 1
        self.close(self.engine.reason.TRANSPORT_ERROR, websocket.UNACCEPTABLE, why)

    def log_failure(self, message: str, error: Exception) -> None:
        """Log what a handler of this client raised."""
        logger.error(message, exc_info=error)

    def wait_for_room(self) -> None:
        """Wait until the inbox has room again. Yields."""
        if len(self.inbox) > INBOX and not self.closed:
            self.paused = True
            if self._room is None:
                self._room = loop.event()
            self._room.wait(timeout=self.engine.ping_interval)

    def put(self, item: object) -> None:
        """Append an item to the inbox, whatever its length.

        Items are handled in order, one at a time.
        """
        self.inbox.append((time.monotonic(), item))
        if not self._busy:
            self._busy = True
            self.engine.workers.run(self._handle_next)

    def _put(self, packet: Packet) -> None:
        if packet.kind == packets.ACK:  # a handler of this client may be waiting for it
            self.engine.workers.run(self.engine.handle, self, packet)
            return
        if packet.kind == packets.EVENT:
            self.engine.read_batching.note(self.sid)
        self.put(packet)
        if len(self.inbox) > INBOX and not self.paused and isinstance(self.line, Wire):
            self.paused = True
            self.line.pause()

    def _take_attachment(self, attachment: bytes) -> None:
        if self._incomplete is None:
            raise BadPacket("an attachment of nothing")
        packet = packets.add_attachment(self._incomplete, attachment)
        self._incomplete = packet if packet.missing else None
        if not packet.missing:
            self._put(packet)

    def _handle_next(self) -> None:
        self.arrived_at, item = self.inbox.pop(0)
        try:
            self.engine.handle(self, item)
        except Exception as error:  # noqa: BLE001  the client's next packet is still handled
            self.log_failure("a handler failed", error)
        finally:
            if self.inbox:
                self.engine.workers.run(self._handle_next)
            else:
                self._busy = False
            if self.paused and len(self.inbox) <= INBOX // 2:
                self._resume()

    def _resume(self) -> None:
        self.paused = False
        if isinstance(self.line, Wire) and not self.engine.draining:
            self.line.resume()
        if self._room is not None:
            self._room.send()
            self._room = None

    # alive?

    def ping(self) -> None:
        self.pinged = True
        self.line.send(PING)
        self.heartbeat = self.engine.pongs.add(self)

    def _pong(self) -> None:
        if self.pinged:
            self.pinged = False
            self.heartbeat = self.engine.pings.add(self)

    # upgrade

    def probe(self, wire: Wire) -> Probe:
        """Return the owner of a WebSocket that may become this session's transport."""
        self.upgrading = True
        return Probe(self, wire)

    def upgrade(self, wire: Wire) -> None:
        polling, self.line, self.upgrading = self.line, wire, False
        assert isinstance(polling, Polling)
        wire.owner = self
        for client in self.clients.values():
            if client.line is polling:
                client.line = wire
        for payload in polling.out:
            wire.send_frame(packets.frames_of(payload))
        polling.out = []
        polling.wake()
        if self.paused:
            wire.pause()

    # the end

    def close(
        self,
        reason: str,
        code: int = websocket.NORMAL,
        why: str = "",
        *,
        last: Encoded = CLOSE,
        linger: bool = True,
    ) -> None:
        """Close the session from our side.

        `last`: the answer to a waiting poll. `linger`: as in Wire.close.
        """
        if self.closed:
            return
        for client in self.clients.values():
            if client.connected:
                client.let_out()
        line = self.line
        if isinstance(line, Wire):
            line.close(code, why, linger=linger)
        else:
            line.out.append(last.payload)
            line.wake()
        self.lost(reason)

    def lost(self, reason: str) -> None:
        """End a session whose transport is gone.

        Received packets are still handled, then the `disconnect` handlers run.
        """
        if self.closed:
            return
        self.closed = True
        self.engine.forget(self)
        self.engine.gone(self, reason)
        if self._room is not None:
            self._room.send()
            self._room = None

    def _leave(self) -> None:
        self.close(self.engine.reason.CLIENT_DISCONNECT, last=NOOP)


class LoggedConnection(Connection):
    """Logs every packet that it takes in the log of Engine.IO (`engineio_logger`)."""

    __slots__ = ()

    def take(self, message: str | bytes) -> None:
        text = message if isinstance(message, str) else "<binary>"
        self.engine.logger.info("%s: Received packet %s", self.sid, text)
        super().take(message)


class Probe:
    """The owner of a WebSocket that asks to take over from polling: `2probe`, `3probe`, `5`."""

    def __init__(self, connection: Connection, wire: Wire):
        self._connection, self._wire = connection, wire
        self._answered = False
        loop.call_later(PROBE_SECONDS, self._give_up)

    def receive(self, message: str | bytes) -> None:
        if self._connection.closed:
            self._give_up()
        elif message == "2probe" and not self._answered:
            self._answered = True
            self._wire.send(PROBED)
            assert isinstance(self._connection.line, Polling)
            self._connection.line.wake()
        elif message == packets.UPGRADE and self._answered:
            self._connection.upgrade(self._wire)
        else:
            self._give_up()

    def lost(self, _reason: str) -> None:
        self._connection.upgrading = False

    def _give_up(self) -> None:
        if self._wire.owner is self:
            self._connection.upgrading = False
            self._wire.close(websocket.UNACCEPTABLE, "no upgrade")


class RejectedUpgrade:
    """The owner of a WebSocket that is closed as soon as it is open."""

    def receive(self, message: str | bytes) -> None:
        return

    def lost(self, reason: str) -> None:
        return


def parts_of(body: str) -> Iterator[str | bytes]:
    """Yield the packets of a polling payload. Raises BadPacket."""
    for part in body.split(packets.SEPARATOR.decode()):
        yield packets.decode_attachment(part) if part[:1] == "b" else part
