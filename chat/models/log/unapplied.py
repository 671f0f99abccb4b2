"""Unapplied changes: which messages of a room have changes that their records may lack.

A change is applied after it was appended, so a process may die between the two. Readers fold
unapplied changes themselves. A writer applies them before it moves the hint forward.
"""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

from chat.models.database import Record
from chat.models.document import Id

APPLIED_SECONDS = 60.0  # longer than anybody uses a record after reading it


class _Changes(NamedTuple):
    """The seq of the first and of the last change of a message."""

    first: int
    last: int


class _Applied(NamedTuple):
    """The seq up to which a message's changes are applied, and when this process noted that."""

    seq: int
    moment: float


class UnappliedChanges:
    """The changes of one room's messages, as far as this process knows them."""

    def __init__(self) -> None:
        # This process knows all changes up to `_noted`. A change that may not be applied is in
        # `_unapplied`.
        self._noted = 0
        self._unapplied: dict[Id, _Changes] = {}
        # The messages that were in `_unapplied` lately.
        self._applied: dict[Id, _Applied] = {}
        self._lock = threading.Lock()

    @property
    def applied_seq(self) -> int:
        """Return a seq up to which every change is known to be applied."""
        with self._lock:
            befores = (changes.first - 1 for changes in self._unapplied.values())
            return min(befores, default=self._noted)

    def last_seqs(self) -> dict[Id, int]:
        """Return the messages with changes that may not be applied, and the last change's seq."""
        return {message_id: changes.last for message_id, changes in list(self._unapplied.items())}

    def none_lately(self) -> bool:
        """Return whether no record that anybody still uses can lack a change."""
        return not self._unapplied and not self._applied

    def is_behind(self, record: Record) -> bool:
        """Return whether this process knows a change that the message's record lacks."""
        message_id = record["_id"]
        applied_seq = int(record["applied_seq"])
        unapplied = self._unapplied.get(message_id)  # first: see note_applied
        applied = self._applied.get(message_id)
        return (unapplied is not None and unapplied.last > applied_seq) or (
            applied is not None and applied.seq > applied_seq
        )

    def forget_noted(self) -> None:
        """Forget how far the changes are known, because the head is forgotten.

        Changes noted as unapplied stay noted.
        """
        with self._lock:
            self._noted = 0

    def begin_at(self, seq: int) -> None:
        """Begin at a seq up to which every change is applied."""
        with self._lock:
            self._noted = seq

    def note(self, records: list[Record]) -> None:
        """Note the changes among some entries.

        The entries have no gap, and the first comes right after the last noted one, or earlier.
        """
        with self._lock:
            noted = self._noted
            for record in records:
                if record["seq"] > noted and (message_id := record.get("message_id")):
                    known = self._unapplied.get(message_id)
                    first = known.first if known else record["seq"]
                    self._unapplied[message_id] = _Changes(first, record["seq"])
            self._noted = max(noted, *(record["seq"] for record in records), 0)

    def note_applied(self, message_id: Id, applied_seq: int) -> None:
        """Note that a message's changes are applied up to `applied_seq`.

        A reader who read the message just before must still find that its record is behind.
        Therefore `_applied` gets the change before `_unapplied` loses it.
        """
        with self._lock:
            changes = self._unapplied.get(message_id)
            if changes is None:
                return
            moment = time.monotonic()
            self._applied[message_id] = _Applied(min(changes.last, applied_seq), moment)
            forgotten = moment - APPLIED_SECONDS
            while self._applied[oldest := next(iter(self._applied))].moment < forgotten:
                del self._applied[oldest]
            if changes.last > applied_seq:
                first = max(changes.first, applied_seq + 1)
                self._unapplied[message_id] = _Changes(first, changes.last)
            else:
                del self._unapplied[message_id]
