"""Stand-ins for other processes, as far as the log is concerned, and for the death of writers.

Processes share only the database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from chat.models.document import Id
from chat.models.log import RoomLog
from chat.models.log.insert_batcher import InsertBatcher
from chat.utils.latch import Latch


def log_elsewhere(room_id: Id) -> RoomLog:
    """Return a room's log as another process has it."""
    return RoomLog(room_id, InsertBatcher())


class Killed(BaseException):
    """The exception that a greenlet gets when it is killed."""


class Doomed:
    """A writer that is killed, sooner or later, while it waits for others."""

    def __init__(self, append: Callable[[], object], monkeypatch: pytest.MonkeyPatch):
        wait = Latch.wait
        self._die = threading.Event()

        def wait_and_die(latch: Latch, seconds: float | None = None) -> bool:
            if threading.current_thread() is self._thread:
                self._die.wait(10)
                raise Killed
            return wait(latch, seconds)

        def die() -> None:
            with pytest.raises(Killed):
                append()

        self._thread = threading.Thread(
            target=die
        )  # first: those who wait already ask whether it is they
        monkeypatch.setattr(Latch, "wait", wait_and_die)
        self._thread.start()

    def die(self) -> None:
        self._die.set()
        self._thread.join(5)
        assert not self._thread.is_alive()
