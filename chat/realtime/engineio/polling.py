"""The transport of a session that polls: its packets wait for the next request."""

from __future__ import annotations

from typing import Any

from chat.realtime import loop
from chat.realtime.engineio.interfaces import Session
from chat.realtime.protocols.engine_packets import NOOP_PACKET, SEPARATOR, Encoded
from chat.realtime.transport.client_websocket import MOST_WAITING


class DuplicatePoll(Exception):
    """A second poll while the first one waits: the protocol requires us to close the session."""


class Polling:
    """Buffers packets for the next poll."""

    __slots__ = ("_polling", "_session", "_waiting", "_woken", "out")
    direct = False

    def __init__(self, session: Session):
        self.out: list[bytes] = []
        self._session = session
        self._waiting = 0  # bytes of the packets in `out`
        self._polling = False
        self._woken: Any = None

    def send(self, packet: Encoded) -> None:
        if self._waiting > MOST_WAITING:
            self._session.cut_off()
            return
        self.out.append(packet.payload)
        self._waiting += len(packet.payload)
        self.wake()

    def poll(self, seconds: float) -> bytes:
        """Return all waiting packets, as soon as there is one. Yields.

        Returns a NOOP if no packet comes for `seconds`. Raises DuplicatePoll.
        """
        if self._polling:
            raise DuplicatePoll
        self._polling = True
        try:
            if not self.out and not self._session.closed and not self._session.upgrading:
                self._woken = loop.event()
                self._woken.wait(timeout=seconds)
                self._woken = None
            payload = SEPARATOR.join(self.out)
            self.out = []
            self._waiting = 0
            return payload or NOOP_PACKET.payload
        finally:
            self._polling = False

    def wake(self) -> None:
        """Answer the waiting poll with the packets that wait."""
        if self._woken is not None and not self._woken.ready():
            self._woken.send()
