"""Inserting entries: those that many rooms have ready at once go to the database together.

Only one entry of each room goes with others'. Such an insert is not ordered: what stops the entry of one room stops no
other's, and of two entries of one room the second must not be kept without the first.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from pymongo.errors import BulkWriteError, PyMongoError

from chat.models.database import Record, database

MOST = 100               # entries in one insert
GATHER_SECONDS = 0.008   # what several people write within it is kept together
CROWD = 4                # entries within CROWD_SECONDS, not all by one person: then it is worth the wait
CROWD_SECONDS = 0.04


@dataclass(eq=False)
class _Waiting:
    """An entry on its way. `turn`: its owner may go on, to insert or to take the result."""

    record: Record
    turn: threading.Event = field(default_factory=threading.Event)
    done: bool = False
    error: Record | None = None


class Inserting:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: deque[_Waiting] = deque()
        self._inserting = False
        self._recent: deque[tuple[float, Hashable]] = deque(maxlen=CROWD)  # when, by whom

    def gather(self, author: Hashable) -> None:
        """Waits a moment while several people write, so that an insert takes what all of them have ready.

        Nobody waits who writes alone: their next message comes after the answer to this one.
        """
        moment = time.monotonic()
        self._recent.append((moment, author))
        if moment - self._recent[0][0] < CROWD_SECONDS and len(self._recent) == CROWD and len({who for _, who in self._recent}) > 1:
            time.sleep(GATHER_SECONDS - moment % GATHER_SECONDS)  # all of them until the same moment

    def insert(self, records: list[Record]) -> tuple[int, Record | None]:
        """How many of these entries of one room are kept, durably, and what stopped the next one; empty when nobody knows.

        None: nothing did.
        """
        if len(records) == 1:
            error = self._insert_with_others(records[0])
            return int(error is None), error
        try:
            _write(records, ordered=True)
        except BulkWriteError as bulk:
            errors = _errors_of(bulk)
            return (0, {}) if errors is None else (min(errors), errors[min(errors)])
        except PyMongoError:
            return 0, {}
        return len(records), None

    def _insert_with_others(self, record: Record) -> Record | None:
        waiting = _Waiting(record)
        with self._lock:
            self._queue.append(waiting)
            leads, self._inserting = not self._inserting, True
        try:
            if leads:
                time.sleep(0)  # who gathered until this very moment comes along
            else:
                waiting.turn.wait()
        except BaseException:  # its greenlet is being killed: if it was to insert, the next one must
            with self._lock:
                if waiting in self._queue:
                    self._queue.remove(waiting)
                if leads or (waiting.turn.is_set() and not waiting.done):
                    self._hand_on()
            raise
        if not waiting.done:
            self._lead()
        return waiting.error

    def _lead(self) -> None:
        with self._lock:
            batch = [self._queue.popleft() for _ in range(min(MOST, len(self._queue)))]
        unknown: Record = {}
        errors: dict[int, Record] | None = None
        try:
            errors = _insert([waiting.record for waiting in batch])
        finally:
            with self._lock:
                if errors is None:  # nobody waits behind a database that does not answer
                    batch += self._queue
                    self._queue.clear()
                for number, waiting in enumerate(batch):
                    waiting.error = unknown if errors is None else errors.get(number)
                    waiting.done = True
                    waiting.turn.set()
                self._hand_on()

    def _hand_on(self) -> None:
        self._inserting = bool(self._queue)
        if self._queue:
            self._queue[0].turn.set()


def _insert(records: list[Record]) -> dict[int, Record] | None:
    """What the database says against some of the entries, by their numbers; None when nobody knows what it kept."""
    try:
        _write(records, ordered=False)
    except BulkWriteError as bulk:
        return _errors_of(bulk)
    except PyMongoError:
        return None
    return {}


def _write(records: list[Record], *, ordered: bool) -> None:
    """With a deadline of its own: who inserts does so for others too, who came later and have more time."""

    def write() -> None:
        with database.deadline():
            database["log"].insert_many(records, ordered=ordered)

    run: Callable[[Callable[[], None]], None] = contextvars.Context().run
    run(write)


def _errors_of(bulk: BulkWriteError) -> dict[int, Record] | None:
    details = bulk.details or {}
    errors = {int(error["index"]): error for error in details.get("writeErrors", ())}
    return None if details.get("writeConcernErrors") or not errors else errors


inserting = Inserting()
