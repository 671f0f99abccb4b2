"""Unapplied changes: which messages of a room have changes that their records may lack.

A change is applied after it was appended, so a process may die between the two. Readers fold such
changes themselves; a writer applies them before it moves the hint on.
"""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

from chat.models.database import Record
from chat.models.document import Id

APPLIED_SECONDS = 60.0  # nobody uses a record so long after reading it


class _Changes(NamedTuple):
    """The seq of the first and of the last change of a message."""

    first: int
    last: int


class _Applied(NamedTuple):
    """The seq up to which a message's changes are applied, and when they were."""

    seq: int
    moment: float


class UnappliedChanges:
    """What this process knows of the changes of one room's messages."""

    def __init__(self) -> None:
        # The changes up to this seq are known; those not known to be applied are in `_unapplied`.
        self._noted = 0
        self._unapplied: dict[Id, _Changes] = {}
        # What was in `_unapplied` lately.
        self._applied: dict[Id, _Applied] = {}
        self._lock = threading.Lock()

    @property
    def applied_seq(self) -> int:
        """Return a seq up to which every change is known to be applied."""
        with self._lock:
            befores = (changes.first - 1 for changes in self._unapplied.values())
            return min(befores, default=self._noted)

    def last_seqs(self) -> dict[Id, int]:
        """Return the messages whose changes are not known to be applied, and the last of these."""
        return {message_id: changes.last for message_id, changes in list(self._unapplied.items())}

    def none_lately(self) -> bool:
        """Return whether no record that somebody has read can lack a change."""
        return not self._unapplied and not self._applied

    def is_behind(self, record: Record) -> bool:
        """Return whether a change of the message is known that its record, as read, lacks."""
        message_id = record["_id"]
        applied_seq = int(record["applied_seq"])
        unapplied = self._unapplied.get(message_id)  # first: see note_applied
        applied = self._applied.get(message_id)
        return (unapplied is not None and unapplied.last > applied_seq) or (
            applied is not None and applied.seq > applied_seq
        )

    def forget_noted(self) -> None:
        """Note nothing as known, when the head is forgotten. What is unapplied stays so."""
        with self._lock:
            self._noted = 0

    def begin_at(self, seq: int) -> None:
        """Begin at a seq up to which every change is applied."""
        with self._lock:
            self._noted = seq

    def note(self, records: list[Record]) -> None:
        """Note the changes among some entries.

        The entries have no hole, and the first comes right after what is noted, or earlier.
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
