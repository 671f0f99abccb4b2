"""The room log: every durable change of a room is one entry and takes the room's next `seq`, 1, 2, 3, … without a hole.

There is no counter. Whoever knows the head h inserts at h+1; the unique index on (room_id, seq) lets one of two
writers in, and the other follows the head and tries again. So a number cannot be taken without an entry, and entry n
is never there before n−1. What this protects, and from what, is told in docs/architecture.md.

Within a process the writers of a room do not race at all: while one insert is under way, further entries wait and go
together in the next (group commit). The one at the front of the queue commits for all behind it.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from pymongo.errors import BulkWriteError, PyMongoError

from chat.models.database import Record, database
from chat.models.document import Id
from chat.utils.errors import Conflict, Unavailable

BATCH = 100              # entries in one insert
QUEUE_BOUND = 1_000      # entries of one room that may wait in one process
STRIDE = 64              # entries read at a time while following a head
HINT_EVERY = 128         # entries between two writes of the hint
RACES = 200              # lost against other processes before giving up
DUPLICATE = 11000        # MongoDB's error code
POSTED = "message:posted"
_PLACE = {"_id": 0, "seq": 1, "ordinal": 1}

logger = logging.getLogger(__name__)


class Head(NamedTuple):
    """The newest entry of a room: its place, and how many messages there are up to and including it."""

    seq: int
    ordinal: int


EMPTY = Head(0, 0)


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


class RoomLog:
    """One room's log, as this process sees it."""

    def __init__(self, room_id: Id):
        self.room_id = room_id
        self._head: Head | None = None
        self._lock = threading.Lock()
        self._queue: deque[_Pending] = deque()
        self._on_the_way: dict[tuple[Id, str], _Pending] = {}
        self._committing = False
        self._epoch = 0  # how often heads were dropped

    # appending

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

    # the head

    def head(self) -> Head:
        """The newest entry, by a majority read; durable, so that it may be told and built upon."""
        epoch, known = self._epoch, self._head
        found = self._follow(known) if known else self._find_head()
        if found != known:
            database.flush()  # somebody else wrote it, or we are just about to be told that it is kept
        with self._lock:
            # Not if all heads were dropped meanwhile, and never behind what a commit made known meanwhile.
            if epoch == self._epoch and (self._head is None or self._head.seq <= found.seq):
                self._head = found
        return found

    def forget_head(self) -> None:
        """What is known of the head may have been taken back: find it anew before building upon it."""
        with self._lock:
            self._epoch += 1
            self._head = None

    def _follow(self, known: Head) -> Head:
        """The newest entry from a known one on, in ranges bounded at both ends."""
        while True:
            query = {"room_id": self.room_id, "seq": {"$gte": known.seq, "$lt": known.seq + STRIDE}}
            found = [Head(record["seq"], record["ordinal"]) for record in database["log"].find(query, _PLACE)]
            if known.seq and not found:  # the known one is gone: it had been taken back
                self.forget_head()
                return self._find_head()
            newest = max(found, default=EMPTY)
            if newest.seq < known.seq + STRIDE - 1:
                return newest
            known = newest

    def _find_head(self) -> Head:
        """Doubling and bisection with point look-ups; density makes that valid. The hint only says where to begin."""
        room = database["rooms"].find_one({"_id": self.room_id}, {"head_hint": 1}) or {}
        low, step = int(room.get("head_hint", 0)), 1
        if low and not self._is_there(low):
            low, high = 0, low
        else:
            while self._is_there(low + step):
                low, step = low + step, step * 2
            high = low + step
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._is_there(middle) else (low, middle)
        return self._follow(Head(low, 0))

    def _is_there(self, seq: int) -> bool:
        return database["log"].find_one({"room_id": self.room_id, "seq": seq}, {"_id": 1}) is not None

    def _leave_hint(self, seq: int) -> None:
        try:
            database["rooms"].update_one({"_id": self.room_id}, {"$max": {"head_hint": seq}})
        except PyMongoError as error:  # only a hint: the next search begins a little earlier
            logger.warning("the hint of a room's head was not written", extra={"room_id": str(self.room_id), "reason": str(error)})

    # reading

    def entries(self, after: int, last: int, fields: Iterable[str] | None = None) -> list[Record]:
        """The entries after `after` up to `last`, in order; of each only `fields`, if given."""
        if last <= after:
            return []
        query = {"room_id": self.room_id, "seq": {"$gt": after, "$lte": last}}
        return sorted(database["log"].find(query, list(fields) if fields else None), key=_seq)

    def messages(self, first: int, last: int) -> list[Record]:
        """The posted entries whose ordinals lie in `first`…`last`, in order."""
        if last < first:
            return []
        query = {"room_id": self.room_id, "event": POSTED, "ordinal": {"$gte": first, "$lte": last}}
        return sorted(database["log"].find(query), key=_seq)

    def ordinal_at(self, seq: int) -> int:
        """How many messages there are up to and including `seq`, which must not be beyond the head."""
        record = database["log"].find_one({"room_id": self.room_id, "seq": seq}, _PLACE) if seq > 0 else None
        return int(record["ordinal"]) if record else 0


def _seq(record: Record) -> int:
    return int(record["seq"])


def _where_it_stopped(bulk: BulkWriteError) -> tuple[int, Record]:
    details = bulk.details or {}
    errors = details.get("writeErrors") or [{}]
    return (0, {}) if details.get("writeConcernErrors") else (int(details.get("nInserted", 0)), errors[0])


_logs: dict[Id, RoomLog] = {}


def log_of(room_id: Id) -> RoomLog:
    """The one RoomLog of a room in this process."""
    return _logs.setdefault(room_id, RoomLog(room_id))


def forget_heads() -> None:
    for room_log in list(_logs.values()):
        room_log.forget_head()


database.when_lost(forget_heads)
