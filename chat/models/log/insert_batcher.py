"""Batching inserts: entries that many rooms have ready at once go to the database together.

While each room has one entry, the insert is not ordered: an error for one room stops no other.
When a room has several entries, the insert is ordered, for the second must not be stored without
the first. Entries behind an error then go into the next insert.

A room that other processes write to often runs into errors. With one entry it goes last in the
batch, with several into an insert of its own. A leader with many entries of one room does not wait
for other rooms: the next insert takes what they have ready meanwhile.
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

MOST = 200  # entries in one insert, or somewhat more
ENOUGH = 10  # entries of one room that wait for no other room's
LEAST_SECONDS = 0.5  # for an insert, however little time is left

UNKNOWN: Record = {}


class Outcome(NamedTuple):
    """How many entries are stored, and the database's error for the next one.

    The error is UNKNOWN when nobody knows whether that entry is stored. It is None when all are
    stored, or when the next one was not tried.
    """

    stored: int
    error: Record | None


NOBODY_KNOWS = Outcome(0, UNKNOWN)
NOTHING_TRIED = Outcome(0, None)


@dataclass(eq=False, slots=True)
class _Waiting:
    """Entries of one room on their way into the log.

    `turn`: their owner may go on, to insert or to take the outcome.
    """

    records: list[Record]
    raced: bool  # an error is likely, so these go last in the batch
    turn: Latch = field(default_factory=Latch)
    outcome: Outcome | None = None


class InsertBatcher:
    def __init__(self) -> None:
        self._group: GroupCommit[_Waiting] = GroupCommit()

    def insert(self, records: list[Record], *, raced: bool) -> Outcome:
        """Store entries of one room, durably and in order, up to the first error.

        `raced`: other processes write to the room too. Raises Unavailable when the time is up
        before the outcome is known.
        """
        if raced and len(records) > 1:
            return _outcomes([records], ordered=True)[0]
        waiting = _Waiting(records, raced)
        with self._group.lock:
            leads = self._group.join(waiting)
        try:
            if leads and len(records) < ENOUGH:
                time.sleep(0)  # other writers enqueue the messages that the loop read together
            elif not leads and not waiting.turn.wait(seconds_left()):
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
                # When the database does not answer, fail all who wait instead of one after another.
                if NOBODY_KNOWS in outcomes:
                    outcomes += [NOBODY_KNOWS] * len(queue)
                    batch += queue
                    queue.clear()
                for waiting, outcome in zip(batch, outcomes, strict=True):
                    waiting.outcome = outcome
                    waiting.turn.open()
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
        # The insert has its own deadline: its leader may have used up most of its own time.
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
