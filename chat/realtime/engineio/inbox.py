"""The packets of one client that wait for their handlers."""

from __future__ import annotations

import logging
import time
from typing import Any

from chat.realtime import loop
from chat.realtime.engineio.interfaces import Host

INBOX = 64  # packets of one client that wait; above this number we stop reading from the client

logger = logging.getLogger(__name__)


class Inbox:
    """Runs the handlers of one client, one at a time, in order."""

    __slots__ = (
        "_busy",
        "_room",
        "arrived_at",
        "at_once",
        "closed",
        "engine",
        "inbox",
        "paused",
    )

    def __init__(self, engine: Host):
        self.engine = engine
        # Pairs of a time of arrival and an item: a Packet, or any other item that engine.handle
        # accepts.
        self.inbox: list[tuple[float, Any]] = []
        self.arrived_at = 0.0  # the time of arrival of the item that a handler handles now
        self.at_once = 0  # handlers of this client that run outside the inbox, concurrently
        self.closed = False
        self.paused = False  # the inbox is full, so the server reads nothing from the client
        self._busy = False
        self._room: Any = None  # wakes the greenlets that wait until the inbox is shorter

    def resume_reading(self) -> None:
        """Continue to read from the client, whose inbox has space again."""
        raise NotImplementedError

    def log_failure(self, message: str, error: Exception) -> None:
        """Log the exception of a handler of this client."""
        logger.error(message, exc_info=error)

    def wait_for_room(self) -> None:
        """Wait until the inbox has space again. Yields."""
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

    def _handle_next(self) -> None:
        self.arrived_at, item = self.inbox.pop(0)
        try:
            self.engine.handle(self, item)
        except Exception as error:  # noqa: BLE001  the client's next packet must still be handled
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
        self.resume_reading()
        self.wake_waiting()

    def wake_waiting(self) -> None:
        """Wake the greenlets that wait for space: there is some, or the session has ended."""
        if self._room is not None:
            self._room.send()
            self._room = None
