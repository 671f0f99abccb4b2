"""Batching inserts: one insert stores the entries that many rooms have ready at the same time.

If each room has one entry, the insert is not ordered, so an error in one room does not stop the
others. If any room has several entries, the insert is ordered, because the room's second entry must
not be stored without the first. The entries behind an error then go into the next insert.

In a room to which other processes write too, errors are frequent. If such a room has one entry, the
entry goes last in the batch; if it has several, they get an insert of their own. A leader with many
entries of one room does not wait for other rooms, whose entries go into the next insert.
"""

from __future__ import annotations

import contextvars
import time
from dataclasses import dataclass, field
from typing import NamedTuple

import pymongo
from pymongo.errors import PyMongoError

from chat.models.database import Record, database
from chat.models.database.deadline import OPERATION_SECONDS, seconds_left
from chat.utils.errors import Unavailable
from chat.utils.group_commit import GroupCommit
from chat.utils.latch import Latch

MOST = 200  # an insert takes no further room once it has so many entries
ENOUGH = 10  # with so many entries of one room, the leader does not wait for other rooms
LEAST_SECONDS = 0.5  # the least time of an insert, even if its leader has less time left

UNKNOWN: Record = {}


class Outcome(NamedTuple):
    """How many entries are stored, and the database's error for the next one.

    The error is UNKNOWN when nobody knows whether the next entry is stored. It is None when all
    entries are stored, or when the database did not try the next one.
    """

    stored: int
    error: Record | None


NOBODY_KNOWS = Outcome(0, UNKNOWN)
NOTHING_TRIED = Outcome(0, None)


@dataclass(eq=False, slots=True)
class _Waiting:
    """Entries of one room on their way into the log.

    `go_ahead` opens when their writer may go on, to insert as the leader or to read the outcome.
    """

    records: list[Record]
    raced: bool  # an error is likely, so these go last in the batch
    go_ahead: Latch = field(default_factory=Latch)
    outcome: Outcome | None = None


class InsertBatcher:
    def __init__(self) -> None:
        self._group: GroupCommit[_Waiting] = GroupCommit()

    def insert(self, records: list[Record], *, raced: bool) -> Outcome:
        """Store entries of one room, durably and in order, up to the first error.

        `raced`: whether other processes write to the room too. Raises Unavailable when the time is
        up before the outcome is known.
        """
        if raced and len(records) > 1:
            return _outcomes([records], ordered=True)[0]
        waiting = _Waiting(records, raced)
        with self._group.lock:
            leads = self._group.join(waiting)
        try:
            if leads and len(records) < ENOUGH:
                time.sleep(0)  # let the writers of other messages, read together, enqueue them
            elif not leads and not waiting.go_ahead.wait(seconds_left()):
                raise Unavailable(reason="the insert before this one took too long")
        except BaseException:  # this writer waited too long, or is being killed
            with self._group.lock:
                self._group.leave(waiting)
            raise
        if waiting.outcome is None:
            self._lead()
        assert waiting.outcome is not None
        return waiting.outcome

    def _lead(self) -> None:
        with self._group.lock:
            batch = self._take()
        outcomes = [NOBODY_KNOWS] * len(batch)
        try:
            outcomes = _outcomes(
                [waiting.records for waiting in batch],
                ordered=any(len(waiting.records) > 1 for waiting in batch),
            )
        finally:
            with self._group.lock:
                queue = self._group.queue
                # When the database does not answer, fail all waiting writers at once, not in turn.
                if NOBODY_KNOWS in outcomes:
                    outcomes += [NOBODY_KNOWS] * len(queue)
                    batch += queue
                    queue.clear()
                for waiting, outcome in zip(batch, outcomes, strict=True):
                    waiting.outcome = outcome
                    waiting.go_ahead.open()
                self._group.hand_on()

    def _take(self) -> list[_Waiting]:
        queue = self._group.queue
        batch: list[_Waiting] = []
        count = 0
        while queue and count < MOST:
            batch.append(queue.popleft())
            count += len(batch[-1].records)
        return sorted(batch, key=lambda waiting: waiting.raced)


def _outcomes(groups: list[list[Record]], *, ordered: bool) -> list[Outcome]:
    """Insert the entries of some rooms and return the outcome of each.

    `ordered` may be false only if each room has one entry.
    """
    left = seconds_left()
    seconds: float = OPERATION_SECONDS
    if left is not None:
        seconds = max(left, LEAST_SECONDS)
    try:
        # Give the insert a new deadline: its leader may have used up most of its time.
        answer = contextvars.Context().run(
            _write, [record for group in groups for record in group], ordered, seconds
        )
    except PyMongoError as error:
        database.failed(error)
        return [NOBODY_KNOWS] * len(groups)
    if "writeConcernError" in answer:
        database.failed(f"write concern: {answer['writeConcernError']}"[:500])
        return [NOBODY_KNOWS] * len(groups)
    errors = {int(error["index"]): error for error in answer.get("writeErrors", ())}
    if not errors:
        return [Outcome(len(group), None) for group in groups]
    if not ordered:
        return [
            Outcome(0, errors[number]) if number in errors else Outcome(1, None)
            for number in range(len(groups))
        ]
    outcomes: list[Outcome] = []
    stop = min(errors)
    first = 0
    for group in groups:
        count = min(max(0, stop - first), len(group))
        stops_here = first + count == stop and count < len(group)
        outcomes.append(Outcome(count, errors[stop] if stops_here else None))
        first += len(group)
    return outcomes


def _write(records: list[Record], ordered: bool, seconds: float) -> Record:
    with pymongo.timeout(seconds):
        return database.insert("log", records, ordered=ordered)


inserting = InsertBatcher()
