"""One Engine.IO session: its inbox, its transport, its heartbeat.

The transport may change during the session.
"""

from __future__ import annotations

from typing import Any

from chat.realtime.engineio.inbox import INBOX, Inbox
from chat.realtime.engineio.interfaces import Host, Member
from chat.realtime.engineio.polling import Polling
from chat.realtime.protocols import engine_packets, packets
from chat.realtime.protocols.engine_packets import BadPacket, Encoded
from chat.realtime.protocols.packets import Packet
from chat.realtime.transport import frames
from chat.realtime.transport.client_websocket import ClientWebSocket


class Connection(Inbox):
    """An Engine.IO session.

    `line`: its transport, a ClientWebSocket or Polling. The transport's reader calls `receive`.
    """

    __slots__ = (
        "_incomplete",
        "_session",
        "address",
        "clients",
        "connects",
        "heartbeat",
        "line",
        "pending",
        "pinged",
        "posting",
        "refusals",
        "sid",
        "unjoined_until",
        "upgrading",
    )
    # python-engineio's sockets have this attribute, and code that was written for them reads it.
    connected = True

    def __init__(self, engine: Host, sid: str, address: str):
        super().__init__(engine)
        self.sid = sid
        self.address = address
        self.line: ClientWebSocket | Polling = Polling(self)
        self.clients: dict[str, Any] = {}  # by namespace; each is a Member
        self.pinged = False
        self.posting = False
        self.upgrading = False
        self.pending = True  # the session is in no namespace yet
        self.unjoined_until = 0.0  # the deadline to join a namespace; 0: no deadline is running
        self.connects = 0  # CONNECT packets that the client sent
        self.refusals = 0  # CONNECT packets that the server refused
        self.heartbeat = 0.0  # the current deadline: for our next ping, or for the client's pong
        self._incomplete: Packet | None = None  # a packet whose attachments have not all arrived
        self._session: dict[str, Any] | None = None

    @property
    def upgraded(self) -> bool:
        return isinstance(self.line, ClientWebSocket)

    @property
    def session(self) -> dict[str, Any]:
        """Return the application's data about this client."""
        if self._session is None:
            self._session = {}
        return self._session

    @session.setter
    def session(self, session: dict[str, Any]) -> None:
        self._session = session

    # receiving packets

    def receive(self, message: str | bytes) -> None:
        """Handle a packet from the WebSocket. A bad packet ends the connection."""
        try:
            self.take(message)
        except BadPacket as bad:
            self.reject(str(bad))

    def take(self, message: str | bytes) -> None:
        """Handle a packet from either transport. Raises BadPacket. Never yields."""
        if self.closed:
            return
        self.engine.counters.packets_in += 1
        if isinstance(message, bytes):
            self._take_attachment(message)
        elif message[:1] == engine_packets.MESSAGE:
            if self._incomplete is not None:
                raise BadPacket("text in the place of an attachment")
            packet = packets.decode(self.engine.json, message[1:])
            if packet.missing:
                self._incomplete = packet
            else:
                self._put(packet)
        elif message == engine_packets.PONG:
            self._pong()
        elif message == engine_packets.CLOSE:
            self._leave()
        else:
            raise BadPacket("no packet of Engine.IO")

    def reject(self, why: str) -> None:
        """Close the connection of a client that violates the protocol."""
        self.engine.counters.bad_packets += 1
        self.close(self.engine.reason.TRANSPORT_ERROR, frames.UNACCEPTABLE, why)

    def cut_off(self) -> None:
        """Close the connection of a client that reads too slowly."""
        self.engine.counters.slow_consumers += 1
        self.close(self.engine.reason.TRANSPORT_ERROR)

    def _put(self, packet: Packet) -> None:
        # An acknowledgement bypasses the inbox, because a handler in the inbox may wait for it.
        if packet.kind == packets.ACK:
            self.engine.workers.run(self.engine.handle, self, packet)
            return
        if packet.kind == packets.EVENT:
            self.engine.read_batching.note(self.sid)
        self.put(packet)
        if len(self.inbox) > INBOX and not self.paused and isinstance(self.line, ClientWebSocket):
            self.paused = True
            self.line.pause()

    def _take_attachment(self, attachment: bytes) -> None:
        if self._incomplete is None:
            raise BadPacket("an attachment of nothing")
        packet = packets.add_attachment(self._incomplete, attachment)
        if packet.missing:
            self._incomplete = packet
        else:
            self._incomplete = None
            self._put(packet)

    def resume_reading(self) -> None:
        if isinstance(self.line, ClientWebSocket) and not self.engine.draining:
            self.line.resume()

    # heartbeat

    def ping(self) -> None:
        self.pinged = True
        self.line.send(engine_packets.PING_PACKET)
        self.heartbeat = self.engine.pongs.add(self)

    def _pong(self) -> None:
        if self.pinged:
            self.pinged = False
            self.heartbeat = self.engine.pings.add(self)

    def upgrade(self, websocket: ClientWebSocket) -> None:
        """Replace polling by a WebSocket as the transport of this session."""
        polling = self.line
        assert isinstance(polling, Polling)
        self.line = websocket
        self.upgrading = False
        websocket.owner = self
        client: Member
        for client in self.clients.values():
            if client.line is polling:
                client.line = websocket
        for payload in polling.out:
            websocket.send_frame(engine_packets.frames_of(payload))
        polling.out = []
        polling.wake()
        if self.paused:
            websocket.pause()

    # closing the session

    def close(
        self,
        reason: str,
        code: int = frames.NORMAL,
        why: str = "",
        *,
        last: Encoded = engine_packets.CLOSE_PACKET,
        linger: bool = True,
    ) -> None:
        """Close the session from our side.

        `last`: our answer to a waiting poll. `linger`: as in ClientWebSocket.close.
        """
        if self.closed:
            return
        client: Member
        for client in self.clients.values():
            if client.connected:
                client.flush_buffered()
        line = self.line
        if isinstance(line, ClientWebSocket):
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
        self.engine.on_lost(self, reason)
        self.wake_waiting()

    def _leave(self) -> None:
        self.close(self.engine.reason.CLIENT_DISCONNECT, last=engine_packets.NOOP_PACKET)


class LoggedConnection(Connection):
    """A session that logs every received packet in the log of Engine.IO (`engineio_logger`)."""

    __slots__ = ()

    def take(self, message: str | bytes) -> None:
        text = "<binary>"
        if isinstance(message, str):
            text = message
        self.engine.logger.info("%s: Received packet %s", self.sid, text)
        super().take(message)
