"""The owners of a new WebSocket, to which a session that polls is to be upgraded."""

from __future__ import annotations

from chat.realtime import loop
from chat.realtime.engineio.connection import Connection
from chat.realtime.engineio.polling import Polling
from chat.realtime.protocols import engine_packets
from chat.realtime.transport import frames
from chat.realtime.transport.client_websocket import ClientWebSocket

PROBE_SECONDS = 10.0  # for a client to finish an upgrade


class Probe:
    """Upgrades a session: the client sends `2probe`, receives `3probe`, and sends `5`."""

    def __init__(self, connection: Connection, websocket: ClientWebSocket):
        self._connection = connection
        self._websocket = websocket
        self._answered = False
        connection.upgrading = True
        loop.call_later(PROBE_SECONDS, self._give_up)

    def receive(self, message: str | bytes) -> None:
        if self._connection.closed:
            self._give_up()
        elif message == "2probe" and not self._answered:
            self._answered = True
            self._websocket.send(engine_packets.PROBE_ANSWER)
            assert isinstance(self._connection.line, Polling)
            self._connection.line.wake()
        elif message == engine_packets.UPGRADE and self._answered:
            self._connection.upgrade(self._websocket)
        else:
            self._give_up()

    def lost(self, _reason: str) -> None:
        self._connection.upgrading = False

    def _give_up(self) -> None:
        if self._websocket.owner is self:
            self._connection.upgrading = False
            self._websocket.close(frames.UNACCEPTABLE, "no upgrade")


class RejectedUpgrade:
    """The owner of a WebSocket that the server closes right after its handshake."""

    def receive(self, message: str | bytes) -> None:
        return

    def lost(self, reason: str) -> None:
        return
