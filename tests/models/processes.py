"""Other processes, as far as the log is concerned: what they share is the database."""

from __future__ import annotations

from chat.models.document import Id
from chat.models.log import RoomLog
from chat.models.log.inserting import Inserting


def log_elsewhere(room_id: Id) -> RoomLog:
    """A room's log as another process has it."""
    log = RoomLog(room_id)
    log._inserting = Inserting()
    return log
