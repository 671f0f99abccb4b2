"""The head of a room's log: found, followed, and forgotten when it may have been taken back."""

from __future__ import annotations

import logging
import math
import threading
import time
from datetime import datetime, timedelta
from typing import NamedTuple

from pymongo.errors import PyMongoError

from chat.models.activity import MARKS_LAST
from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.log.record_cache import find_whole
from chat.utils.clock import now
from chat.utils.single_flight import SingleFlight

STRIDE = 64  # entries read at a time while following a head
STRETCH = 500  # entries looked through at a time for changes
APPLIED_SECONDS = 60.0  # no record is looked at so long after it was read
LATELY_SECONDS = 2.0  # how old the head may be that is told with what lies before it anyway
_PLACE = {"_id": 0, "seq": 1, "ordinal": 1, "message_id": 1}

logger = logging.getLogger(__name__)


class Head(NamedTuple):
    """The newest entry of a room: its place, and how many messages there are up to and including it."""

    seq: int
    ordinal: int


EMPTY = Head(0, 0)


class Heads:
    """What this process knows of the head of one room's log."""

    def __init__(self, room_id: Id):
        self.room_id = room_id
        self._head: Head | None = None
        self._head_of = 0.0  # the moment at which that was the head, or later
        self._last_seen = (
            0  # where the head was when it was forgotten: it is looked for there first
        )
        self._epoch = 0  # how often heads were dropped
        self._announced = 0  # the newest entry that another process said it had kept
        self._others_at = -math.inf  # when another process was last seen to write here
        self._noted: int | None = (
            None  # the changes up to this seq are known, and those not known as applied stand in:
        )
        self._unapplied: dict[
            Id, tuple[int, int]
        ] = {}  # message -> seq of the first and the last of them
        self._applied: dict[
            Id, tuple[int, float]
        ] = {}  # what was in there lately: message -> seq up to which it is applied, and when
        self._lock = threading.Lock()
        self._asked = SingleFlight(self._read_head, database.seconds_left)

    @property
    def known_seq(self) -> int:
        """The newest entry as far as this process knows it without asking; 0 when it does not."""
        return self._head.seq if self._head else 0

    @property
    def seen_seq(self) -> int:
        """Return the newest entry that this process has seen, also where the head was forgotten since."""
        return self._head.seq if self._head else self._last_seen

    def known_head(self) -> Head | None:
        """The newest entry as far as this process knows it without asking."""
        return self._head

    def note_announced(self, seq: int) -> None:
        """Another process says that it has kept this entry, durably. A hint: what is built upon is read."""
        self._announced, self._others_at = max(self._announced, seq), time.monotonic()

    def head(self) -> Head:
        """The newest entry, by a majority read that began after the call; durable, so that it may be told and built upon.

        Many ask at once when they all come back: what was one question for each is one for all.
        """
        return self._asked.ask()

    def settled_head(self, marked_until: datetime | None) -> Head | None:
        """Return the known head, if nobody can have written since it was read; else None.

        `marked_until`: until when the mark lasts that says that people write there. Whoever writes
        marks the room first, and the mark lasts 40 s longer at least: so one that was over when the
        head was read was for what came before, even where clocks differ by half a minute.
        """
        known, age = self._head, time.monotonic() - self._head_of
        if known is None or known.seq < self._announced:
            return None
        read_at = now() - timedelta(seconds=age)
        if marked_until is None:
            return known if age < MARKS_LAST.total_seconds() else None
        return known if marked_until < read_at else None

    def head_lately(self, reaching: int) -> Head:
        """The newest entry as of LATELY_SECONDS ago at most, if it reached `reaching` then; durable, too."""
        known, moment = self._head, time.monotonic()
        return (
            known
            if known and known.seq >= reaching and moment - self._head_of < LATELY_SECONDS
            else self.head()
        )

    def _read_head(self) -> Head:
        epoch, known, moment = self._epoch, self._head, time.monotonic()
        found = self._follow(known) if known else self._find_head()
        self._learn(found, known, epoch, moment)
        return found

    def _learn(self, found: Head, known: Head | None, epoch: int, moment: float) -> None:
        """Keeps a head that was read, durable before it is told."""
        if found != known and found.seq > self._announced:
            database.flush()  # somebody else wrote it, or we are just about to be told that it is kept
        self._announced = min(
            self._announced, found.seq
        )  # what is not there is not asked for again and again
        with self._lock:
            # Not if all heads were dropped meanwhile, and never behind what a commit made known meanwhile.
            if epoch == self._epoch and (self._head is None or self._head.seq <= found.seq):
                self._head, self._head_of = found, moment

    def head_and_tail(self, count: int) -> tuple[Head, list[Record]]:
        """The newest entry, and with it the last entries in order, about `count` of them: in one question, if the head is known."""
        known = self._head
        if known is None:
            head = self.head()
            return head, self._stretch(head.seq - count + 1, head.seq)
        epoch, moment = self._epoch, time.monotonic()
        records = self._stretch(known.seq - count + 1, known.seq + STRIDE - 1)
        if (
            not records
            or records[-1]["seq"] < known.seq
            or records[-1]["seq"] == known.seq + STRIDE - 1
        ):
            head = self.head()  # taken back, or far ahead
            return head, self._stretch(head.seq - count + 1, head.seq)
        found = Head(records[-1]["seq"], records[-1]["ordinal"])
        self._note([record for record in records if record["seq"] >= known.seq])
        self._learn(found, known, epoch, moment)
        return found, records

    def _stretch(self, first: int, last: int) -> list[Record]:
        return find_whole({"room_id": self.room_id, "seq": {"$gte": max(1, first), "$lte": last}})

    def forget_head(self) -> None:
        """What is known of the head may have been taken back: find it anew before building upon it."""
        with self._lock:
            self._epoch += 1
            self._last_seen = self.known_seq or self._last_seen
            self._head = self._noted = None

    def _head_to_build_upon(self) -> Head:
        """A known one is not asked for: the insert tells when it was left behind. Unless that is known already."""
        known = self._head
        return known if known and known.seq >= self._announced else self.head()

    def _take_head(self, kept: list[Record]) -> Head:
        """The head after entries of our own, which are acknowledged."""
        head = self._head = Head(kept[-1]["seq"], kept[-1]["ordinal"])
        self._head_of = time.monotonic()
        self._note(kept)
        return head

    def _follow(self, known: Head) -> Head:
        """The newest entry from a known one on, in ranges bounded at both ends."""
        while True:
            query = {"room_id": self.room_id, "seq": {"$gte": known.seq, "$lt": known.seq + STRIDE}}
            records = list(database["log"].find(query, _PLACE))
            if known.seq and not records:  # the known one is gone: it had been taken back
                self.forget_head()
                return self._find_head()
            self._note(records)
            found = [Head(record["seq"], record["ordinal"]) for record in records]
            newest = max(found, default=EMPTY)
            if newest.seq < known.seq + STRIDE - 1:
                return newest
            known = newest

    def _find_head(self) -> Head:
        """Doubling and bisection with point look-ups down to a STRIDE; density makes that valid.

        Begins where it was last, or at the hint: usually two look-ups. After a failure every head is looked for at once, and
        a database that has just come back must not go down under the search.
        """
        room = (
            database["rooms"].find_one({"_id": self.room_id}, {"head_hint": 1, "applied_hint": 1})
            or {}
        )
        low, step = max(self._last_seen, int(room.get("head_hint", 0))), STRIDE
        if low and not self.has(low):
            low, high = 0, low
        else:
            while self.has(low + step):
                low, step = low + step, step * 2
            high = low + step
        while high - low > STRIDE:
            middle = (low + high) // 2
            low, high = (middle, high) if self.has(middle) else (low, middle)
        self._note_from(int(room.get("applied_hint", 0)), low)
        return self._follow(Head(low, 0))

    def _note_from(self, applied_hint: int, seq: int) -> None:
        """Notes the changes up to `seq` that nobody vouched for as applied."""
        with self._lock:
            self._noted = min(applied_hint, seq)
        for after in range(self._noted, seq, STRETCH):
            query = {
                "room_id": self.room_id,
                "seq": {"$gt": after, "$lte": min(after + STRETCH, seq)},
            }
            self._note(list(database["log"].find(query, _PLACE)))

    def _note(self, records: list[Record]) -> None:
        """Entries without a hole, the first of which comes right after what is noted, or earlier."""
        with self._lock:
            noted = self._noted or 0
            for record in records:
                if record["seq"] > noted and (message_id := record.get("message_id")):
                    first, _ = self._unapplied.get(message_id, (record["seq"], 0))
                    self._unapplied[message_id] = (first, record["seq"])
            self._noted = max(noted, *(record["seq"] for record in records), 0)

    def _note_applied(self, message_id: Id, applied_seq: int) -> None:
        """Whoever read the message just before must still find that their record is behind: hence `_applied`, and it first."""
        with self._lock:
            first, last = self._unapplied.get(message_id, (0, 0))
            if not last:
                return
            moment = time.monotonic()
            self._applied[message_id] = (min(last, applied_seq), moment)
            while self._applied[oldest := next(iter(self._applied))][1] < moment - APPLIED_SECONDS:
                del self._applied[oldest]
            if last > applied_seq:
                self._unapplied[message_id] = (max(first, applied_seq + 1), last)
            else:
                del self._unapplied[message_id]

    def has(self, seq: int) -> bool:
        """Whether the log has an entry at this place."""
        return (
            database["log"].find_one({"room_id": self.room_id, "seq": seq}, {"_id": 1}) is not None
        )

    def _leave_hints(self, seq: int) -> None:
        """Where the next search for the head, and for changes that are not applied, may begin."""
        with self._lock:
            applied = min(
                (first - 1 for first, _ in self._unapplied.values()), default=self._noted or 0
            )
        try:
            database["rooms"].update_one(
                {"_id": self.room_id}, {"$max": {"head_hint": seq, "applied_hint": applied}}
            )
        except PyMongoError as error:  # only a hint: the next search begins a little earlier
            logger.warning(
                "the hint of a room's head was not written",
                extra={"room_id": str(self.room_id), "reason": str(error)},
            )
