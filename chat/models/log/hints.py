"""Hints: where the next search for a room's head, and for unapplied changes, may begin."""

from __future__ import annotations

import logging
import threading
from typing import NamedTuple

from pymongo.errors import PyMongoError

from chat.models.database import database
from chat.models.document import Id
from chat.models.log.applying import ChangeApplier
from chat.models.log.unapplied import UnappliedChanges

logger = logging.getLogger(__name__)


class Hint(NamedTuple):
    """Where a search begins.

    `head_seq`: a seq that the log has, unless a failover took that entry back. `applied_seq`: a
    seq up to which all changes are applied.
    """

    head_seq: int
    applied_seq: int


class Hints:
    """The hints in a room's record."""

    def __init__(self, room_id: Id, unapplied: UnappliedChanges, changes: ChangeApplier):
        self._room_id = room_id
        self._unapplied = unapplied
        self._changes = changes
        self._leaving = threading.Lock()

    def read(self) -> Hint:
        fields = {"head_hint": 1, "applied_hint": 1}
        room = database["rooms"].find_one({"_id": self._room_id}, fields) or {}
        return Hint(int(room.get("head_hint", 0)), int(room.get("applied_hint", 0)))

    def leave(self, head_seq: int) -> None:
        """Store the hints for the next search, unless another writer is storing them now."""
        if not self._leaving.acquire(blocking=False):
            return
        try:
            self._changes.apply_all()
            self._store(head_seq)
        finally:
            self._leaving.release()

    def _store(self, head_seq: int) -> None:
        hints = {"head_hint": head_seq, "applied_hint": self._unapplied.applied_seq}
        try:
            database["rooms"].update_one({"_id": self._room_id}, {"$max": hints})
        except PyMongoError as error:  # does no harm: the next search begins a little earlier
            logger.warning(
                "the hint of a room's head was not written",
                extra={"room_id": str(self._room_id), "reason": str(error)},
            )
