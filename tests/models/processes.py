"""Other processes, as far as the log is concerned (what they share is the database), and the death of writers in this one."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from chat.models.document import Id
from chat.models.log import RoomLog
from chat.models.log.inserting import Inserting
from chat.utils.gate import Gate


def log_elsewhere(room_id: Id) -> RoomLog:
    """A room's log as another process has it."""
    log = RoomLog(room_id)
    log._inserting = Inserting()
    return log


class Killed(BaseException):
    """What a greenlet gets when it is killed."""


def die_while_waiting(append: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that has to wait for others, and is killed as it does."""
    wait = Gate.wait

    def wait_and_die(gate: Gate, seconds: float | None = None) -> bool:
        if threading.current_thread().name == "doomed" and not gate.is_open:
            raise Killed
        return wait(gate, seconds)

    def die() -> None:
        with pytest.raises(Killed):
            append()

    monkeypatch.setattr(Gate, "wait", wait_and_die)
    doomed = threading.Thread(target=die, name="doomed")
    doomed.start()
    doomed.join(5)
