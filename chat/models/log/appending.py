"""Appending to a room's log: each entry once, each `seq` once, many in one insert.

Within a process the writers of a room do not race: while one insert is under way, further entries wait and go together
in the next (group commit). The one at the front of the queue commits for all behind it.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

from pymongo.errors import BulkWriteError, PyMongoError

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.log.heads import Head, Heads
from chat.utils.errors import Conflict, Unavailable

BATCH = 100              # entries in one insert
QUEUE_BOUND = 1_000      # entries of one room that may wait in one process
HINT_EVERY = 128         # entries between two writes of the hint
RACES = 200              # lost against other processes before giving up
DUPLICATE = 11000        # MongoDB's error code


@dataclass(frozen=True)
class Draft:
    """An entry that has no place yet. `record` holds all but seq and ordinal."""

    author_id: Id
    client_id: str
    fingerprint: bytes
    record: Record

    @property
    def key(self) -> tuple[Id, str]:
        return self.author_id, self.client_id


@dataclass(eq=False)
class _Pending:
    """A draft on its way. `turn`: its owner may go on, to commit or to take the result. `done`: it is settled."""

    draft: Draft
    turn: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    record: Record | None = None
    sent_before: bool = False

    def settle(self, record: Record | None = None, *, sent_before: bool = False) -> None:
        self.record, self.sent_before = record, sent_before
        self.done.set()
        self.turn.set()


class Appending(Heads):
    def __init__(self, room_id: Id):
        super().__init__(room_id)
        self._queue: deque[_Pending] = deque()
        self._on_the_way: dict[tuple[Id, str], _Pending] = {}
        self._committing = False

    def append(self, draft: Draft) -> tuple[Record, bool]:
        """The entry as it is kept, durably, and whether this call made it.

        The same draft again (author and client_id) gives the first result. Raises Conflict when its content is
        another, Unavailable when nobody knows whether it was kept: to send again is safe.
        """
        pending, ours, leads = self._enqueue(draft)
        if not ours:
            pending.done.wait()
        elif not leads:
            self._wait_for_turn(pending)
        if ours and not pending.done.is_set():
            self._lead(pending)
        if pending.record is not None:
            return pending.record, ours
        if pending.sent_before:
            return self._first_result(draft), False
        raise Unavailable

    def _enqueue(self, draft: Draft) -> tuple[_Pending, bool, bool]:
        """(pending, whether it is the caller's own, whether the caller commits)"""
        with self._lock:
            twin = self._on_the_way.get(draft.key)
            if twin and twin.draft.fingerprint == draft.fingerprint:
                return twin, False, False
            if len(self._queue) >= QUEUE_BOUND:
                raise Unavailable("This room is busier than the chat can write; try again in a moment.")
            pending = _Pending(draft)
            self._queue.append(pending)
            if not twin:
                self._on_the_way[draft.key] = pending
            leads, self._committing = not self._committing, True
            return pending, True, leads

    def _wait_for_turn(self, pending: _Pending) -> None:
        try:
            pending.turn.wait()
        except BaseException:  # its greenlet is being killed: if it was to commit, the next one must
            with self._lock:
                self._depart(pending)
                if pending in self._queue:
                    self._queue.remove(pending)
                if pending.turn.is_set() and not pending.done.is_set():
                    self._hand_on()
            pending.settle()
            raise

    def _lead(self, own: _Pending) -> None:
        """Commits batches until `own` is settled, then hands on to whoever is at the front."""
        try:
            races = 0
            while not own.done.is_set():
                races += 1
                if not self._commit() and races > RACES:
                    self._fail_everything()
        except BaseException:
            self._fail_everything()
            raise
        finally:
            with self._lock:
                self._hand_on()

    def _hand_on(self) -> None:
        self._committing = bool(self._queue)
        if self._queue:
            self._queue[0].turn.set()

    def _commit(self) -> bool:
        """Inserts the front of the queue; whether anything was kept."""
        with self._lock:
            batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
        kept, error = 0, None
        try:
            head = self._head or self._find_head()
            records = [
                {**pending.draft.record, "seq": head.seq + i, "ordinal": head.ordinal + i}
                for i, pending in enumerate(batch, start=1)
            ]
            database["log"].insert_many(records, ordered=True)
            kept = len(batch)
        except BulkWriteError as bulk:
            kept, error = _where_it_stopped(bulk)
        except PyMongoError:
            error = {}
        except BaseException:
            self._put_back(batch)
            raise
        if kept:
            head = self._head = Head(head.seq + kept, head.ordinal + kept)  # acknowledged, so no failover takes it back
            self._settle(batch[:kept], records)
        if error is not None:
            self._stopped(batch[kept:], error)
        if kept and head.seq // HINT_EVERY != (head.seq - kept) // HINT_EVERY:
            self._leave_hint(head.seq)
        return bool(kept)

    def _settle(self, batch: list[_Pending], records: list[Record]) -> None:
        with self._lock:
            for pending in batch:
                self._depart(pending)
        for pending, record in zip(batch, records, strict=False):
            pending.settle(record)

    def _stopped(self, rest: list[_Pending], error: Record) -> None:
        """An ordered insert ended before `rest[0]`; what comes after it was not tried."""
        which = error.get("keyPattern", {})
        if error.get("code") == DUPLICATE and "client_id" in which:
            with self._lock:
                self._depart(rest[0])
            self._put_back(rest[1:])
            rest[0].settle(sent_before=True)
        elif error.get("code") == DUPLICATE and "seq" in which:
            self._put_back(rest)
            self._follow_or_fail()
        else:  # lost, late, full: what is in the database is not known, and every head with it
            self._put_back(rest)
            self._fail_everything()

    def _follow_or_fail(self) -> None:
        try:
            self.head()
        except PyMongoError:
            self._fail_everything()

    def _put_back(self, batch: list[_Pending]) -> None:
        with self._lock:
            # What is done already was given up by an owner that was killed: nobody would take its turn.
            self._queue.extendleft(pending for pending in reversed(batch) if not pending.done.is_set())

    def _fail_everything(self) -> None:
        """Nobody waits behind a database that does not answer: all are told at once, and each may send again."""
        self.forget_head()
        with self._lock:
            failed = list(self._queue)
            self._queue.clear()
            for pending in failed:
                self._depart(pending)
        for pending in failed:
            pending.settle()

    def _depart(self, pending: _Pending) -> None:
        if self._on_the_way.get(pending.draft.key) is pending:
            del self._on_the_way[pending.draft.key]

    def _first_result(self, draft: Draft) -> Record:
        """What was kept under this client_id. Somebody else wrote it: first make sure that it is durable."""
        database.flush()
        record = database["log"].find_one(
            {"room_id": self.room_id, "author_id": draft.author_id, "client_id": draft.client_id}
        )
        if record is None:  # taken back by a failover after it refused us
            raise Unavailable
        if record["fingerprint"] != draft.fingerprint:
            raise Conflict("Another message was sent with this client_id.")
        return record


def _where_it_stopped(bulk: BulkWriteError) -> tuple[int, Record]:
    details = bulk.details or {}
    errors = details.get("writeErrors") or [{}]
    return (0, {}) if details.get("writeConcernErrors") else (int(details.get("nInserted", 0)), errors[0])
