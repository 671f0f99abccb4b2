"""Appending to a room's log: each entry once, each `seq` once, many in one insert.

Within a process the writers of a room do not race: while one insert is under way, further entries wait and go together
in the next (group commit). The one at the front of the queue commits for all behind it.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import deque

from pymongo.errors import PyMongoError

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.log.drafts import Change, Draft, Pending
from chat.models.log.folding import fold
from chat.models.log.heads import Head, Heads
from chat.models.log.insert_batcher import UNKNOWN, inserting
from chat.utils.errors import Conflict, Unavailable

BATCH = 50  # entries in one insert: with more it costs no less an entry, and all wait longer
QUEUE_BOUND = 1_000  # entries of one room that may wait in one process
HINT_EVERY = 128  # entries between two writes of the hint
RACES = 200  # lost against other processes before giving up
RACED_SECONDS = (
    10.0  # after another process wrote here, this one does not expect to be the only one
)
GAP_EVERY = 16  # inserts, after each of which others get in of whom nothing is known yet
DUPLICATE = 11000  # MongoDB's error code


class Appending(Heads, ABC):
    def __init__(self, room_id: Id):
        super().__init__(room_id)
        self._queue: deque[Pending] = deque()
        self._on_the_way: dict[tuple[Id, str], Pending] = {}
        self._leader: Pending | None = None  # its owner commits, or is about to
        self._inserting = inserting
        self._raced_until = 0.0
        self._inserts = 0
        self._hinting = False

    def append(self, draft: Draft) -> tuple[Record, bool]:
        """The entry as it is kept, durably, and whether this call made it.

        The same draft again (author and client_id) gives the first result. Raises Conflict when its content is
        another, Unavailable when nobody knows whether it was kept: to send again is safe.
        """
        pending, ours = self._go_through(draft)
        return (
            (pending.record, ours)
            if pending.record is not None
            else (self.first_result(draft), False)
        )

    def append_change(self, change: Change) -> tuple[Record, Record] | None:
        """The message's record before and after the change, which is kept, durably, but not applied; None when it changes nothing.

        Raises what it is refused with, Unavailable.
        """
        pending, _ = self._go_through(change)
        return pending.states if pending.record is not None else None

    @abstractmethod
    def settle(self) -> None:
        """Applies the changes that are not known to be applied."""

    @abstractmethod
    def _state(self, message_id: Id) -> Record:
        """The message's record as of the head. Raises NotFound."""

    def _go_through(self, draft: Draft | Change) -> tuple[Pending, bool]:
        """(settled, whether by this call)"""
        pending, ours, leads = self._enqueue(draft)
        if not ours:
            if not pending.done.wait(database.seconds_left()):
                raise Unavailable(reason="the same message is being inserted, which took too long")
        elif not leads:
            self._wait_for_turn(pending)
        if ours and not pending.done.is_open:
            self._lead(pending)
        if pending.refusal:
            raise pending.refusal
        if pending.record is None and not pending.needs_no_record:
            raise Unavailable(reason=f"the insert failed: {database.last_failure}")
        return pending, ours

    def _enqueue(self, draft: Draft | Change) -> tuple[Pending, bool, bool]:
        """(pending, whether it is the caller's own, whether the caller commits)"""
        with self._lock:
            twin = self._on_the_way.get(draft.key)
            if twin and twin.draft.fingerprint == draft.fingerprint:
                return twin, False, False
            if len(self._queue) >= QUEUE_BOUND:
                raise Unavailable(
                    "This room is busier than the chat can write; try again in a moment.",
                    reason=f"{QUEUE_BOUND} entries of room {self.room_id} wait already",
                )
            pending = Pending(draft)
            self._queue.append(pending)
            if not twin:
                self._on_the_way[draft.key] = pending
            leads = self._leader is None
            if leads:
                self._leader = pending
            return pending, True, leads

    def _wait_for_turn(self, pending: Pending) -> None:
        try:
            if not pending.turn.wait(database.seconds_left()):
                raise Unavailable(reason="the inserts before this one took too long")
        except (
            BaseException
        ):  # it waited too long, or is being killed: if it was to commit, the next one must
            with self._lock:
                self._depart(pending)
                if pending in self._queue:
                    self._queue.remove(pending)
                pending.settle()  # not after the lock: it must not be put back into the queue, where nobody would take its turn
                if self._leader is pending:
                    self._hand_on()
            raise

    def _lead(self, own: Pending) -> None:
        """Commits batches until `own` is settled, then hands on to whoever is at the front, if that is not done already."""
        try:
            races = 0
            while not own.done.is_open:
                races += 1
                if not self._commit() and races > RACES:
                    self._fail_everything()
        except BaseException:
            if self._leader is own:
                self._fail_everything()
            raise
        finally:
            with self._lock:
                if self._leader is own:
                    self._hand_on()

    def _hand_on(self) -> None:
        self._leader = self._queue[0] if self._queue else None
        if self._leader:
            self._leader.turn.open()

    def _commit(self) -> bool:
        """Inserts the front of the queue; whether anything was kept. If all was, it may hand on at once."""
        with self._lock:
            batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
        kept, error = 0, None
        try:
            batch, records = self._place(batch)
            if records:
                kept, error = self._inserting.insert(
                    records, raced=time.monotonic() < self._raced_until
                )
        except PyMongoError as failure:
            database.failed(failure)
            error = UNKNOWN
        except BaseException:
            self._put_back(batch)
            raise
        if kept:
            head = self._take_head(records[:kept])  # acknowledged, so no failover takes it back
            self._inserts += 1
            self._settle(
                batch[:kept],
                records,
                hand_on=kept == len(batch) and self._next_may_follow_at_once(),
            )
        if error is not None:
            self._stopped(batch[kept:], error)
        else:
            self._put_back(batch[kept:])
        if kept and head.seq // HINT_EVERY != (head.seq - kept) // HINT_EVERY:
            self._hint(head.seq)
        return bool(kept) or not batch

    def _place(self, batch: list[Pending]) -> tuple[list[Pending], list[Record]]:
        """What of a batch is to be kept, and as what records; a change that is refused or changes nothing is settled.

        A change is decided on its message as the entries before it leave it, those of this batch included: should one
        of them not be kept, neither is what comes after it.
        """
        # What is decided now must be decided on what is there now; a text depends on nothing but its place.
        changes = any(isinstance(pending.draft, Change) for pending in batch)
        known = self._head
        last = self.head() if changes else self._head_to_build_upon()
        if known and last.seq > known.seq:
            self._others_at = time.monotonic()  # nothing of this process's own is under way
        stay: list[Pending] = []
        records: list[Record] = []
        states: dict[Id, Record] = {}
        for number, pending in enumerate(batch):
            draft = pending.draft
            if isinstance(draft, Draft):
                last = Head(last.seq + 1, last.ordinal + 1)
                record = {**draft.record, "seq": last.seq, "ordinal": last.ordinal}
            else:
                state, content, refusal = self._decide(draft, states)
                if content is None and draft.message_id in states:
                    self._put_back(
                        batch[number:]
                    )  # not to be told yet: it rests on an entry that is not kept yet
                    break
                if state is None or content is None:
                    self._settle_without_record(pending, refusal)
                    continue
                last = Head(last.seq + 1, last.ordinal)
                record = draft.record_at(last, state, content)
                states[draft.message_id] = fold(state, [record])
                pending.states = state, states[draft.message_id]
            stay.append(pending)
            records.append(record)
        return stay, records

    def _decide(
        self, draft: Change, states: dict[Id, Record]
    ) -> tuple[Record | None, Record | None, Exception | None]:
        """(the message's record, what is to be kept, what it is refused with)"""
        try:
            state = states.get(draft.message_id) or self._state(draft.message_id)
            return state, draft.decide(state), None
        except PyMongoError:
            raise
        except Exception as refusal:  # noqa: BLE001  raised again where its owner waits: nobody else in the batch pays for it
            return None, None, refusal

    def _settle_without_record(self, pending: Pending, refusal: Exception | None) -> None:
        with self._lock:
            self._depart(pending)
        pending.settle(needs_no_record=refusal is None, refusal=refusal)

    def _next_may_follow_at_once(self) -> bool:
        """Another process hardly ever gets in between two inserts that do: it has to read the head first, and that one is old by
        the time that it inserts.
        """
        return (
            self._inserts % GAP_EVERY != 0 and time.monotonic() - self._others_at >= RACED_SECONDS
        )

    def _settle(self, batch: list[Pending], records: list[Record], *, hand_on: bool) -> None:
        """`hand_on`: at once, so that the next insert is under way while the owners of this one go on, which takes as long as
        an insert does when they are many.
        """
        with self._lock:
            for pending in batch:
                self._depart(pending)
            if hand_on and self._leader in batch:
                self._hand_on()
        for pending, record in zip(batch, records, strict=False):
            pending.settle(record)

    def _hint(self, seq: int) -> None:
        """Tells the next search where to begin, unless one that handed on at once is still about it."""
        with self._lock:
            if self._hinting:
                return
            self._hinting = True
        try:
            self.settle()
            self._leave_hints(seq)
        finally:
            self._hinting = False

    def _stopped(self, rest: list[Pending], error: Record) -> None:
        """An ordered insert ended before `rest[0]`; what comes after it was not tried."""
        which = error.get("keyPattern", {})
        if error.get("code") == DUPLICATE and "client_id" in which:
            with self._lock:
                self._depart(rest[0])
            self._put_back(rest[1:])
            rest[0].settle(needs_no_record=True)
        elif error.get("code") == DUPLICATE and "seq" in which:
            self._others_at = time.monotonic()
            self._raced_until = self._others_at + RACED_SECONDS
            self._put_back(rest)
            self._follow_or_fail()
        else:  # lost, late, full: what is in the database is not known, and every head with it
            self._put_back(rest)
            if error:
                database.failed(f"insert refused: {error.get('code')} {error.get('errmsg')}"[:500])
            self._fail_everything()

    def _follow_or_fail(self) -> None:
        try:
            self.head()
        except PyMongoError as failure:
            database.failed(failure)
            self._fail_everything()

    def _put_back(self, batch: list[Pending]) -> None:
        with self._lock:
            # What is done already was given up by an owner that was killed: nobody would take its turn.
            self._queue.extendleft(
                pending for pending in reversed(batch) if not pending.done.is_open
            )

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

    def _depart(self, pending: Pending) -> None:
        if self._on_the_way.get(pending.draft.key) is pending:
            del self._on_the_way[pending.draft.key]

    def first_result(self, draft: Draft) -> Record:
        """What was kept under this client_id. Somebody else wrote it: first make sure that it is durable. Raises Conflict."""
        database.flush()
        record = database["log"].find_one(
            {"room_id": self.room_id, "author_id": draft.author_id, "client_id": draft.client_id}
        )
        if record is None:
            raise Unavailable(reason="an entry that refused ours was taken back by a failover")
        if not draft.is_same(record):
            raise Conflict("Another message was sent with this client_id.")
        return record
