"""Appending to a room's log: each entry once, each `seq` once, many in one insert.

Group commit: the writers of a room do not race within a process. While one insert is under way,
further entries wait and go into the next one together. The leader, who is at the front of the
queue, commits for all writers behind it.
"""

from __future__ import annotations

import logging
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

BATCH = 50  # entries in one insert: a larger one costs no less per entry, and all wait longer
QUEUE_BOUND = 1_000  # entries of one room that may wait in one process
HINT_EVERY = 128  # entries between two writes of the hint
RACES = 200  # lost against other processes before giving up
RACED_SECONDS = 10.0  # after another process wrote: for so long this one expects further races
GAP_EVERY = 16  # inserts; then the next one waits, so that an unnoticed process gets in
DUPLICATE = 11000  # MongoDB's error code

logger = logging.getLogger(__name__)


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
        """Return the entry as it is stored, durably, and whether this call made it.

        The same draft again (author and client_id) returns the first result. Raises Conflict when
        its content differs, Unavailable when nobody knows whether it was stored: to send it again
        is safe.
        """
        pending, ours = self._go_through(draft)
        return (
            (pending.record, ours)
            if pending.record is not None
            else (self.first_result(draft), False)
        )

    def append_change(self, change: Change) -> tuple[Record, Record] | None:
        """Store a change durably; return its message's record before and after it.

        Does not apply the change. Returns None when it changes nothing. Raises what `decide`
        raises, Unavailable.
        """
        pending, _ = self._go_through(change)
        return pending.states if pending.record is not None else None

    @abstractmethod
    def settle(self) -> None:
        """Apply the changes that are not known to be applied."""

    @abstractmethod
    def _state(self, message_id: Id) -> Record:
        """Return the message's record as of the head. Raises NotFound."""

    def _go_through(self, draft: Draft | Change) -> tuple[Pending, bool]:
        """Return (settled, whether by this call)."""
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
        """Return (pending, whether it is the caller's own, whether the caller commits)."""
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
        except BaseException:
            # This writer waited too long, or is being killed: if it led, the next one must lead.
            with self._lock:
                self._depart(pending)
                if pending in self._queue:
                    self._queue.remove(pending)
                # Settle under the lock: nobody would take its turn if a commit put it back.
                pending.settle()
                if self._leader is pending:
                    self._hand_on()
            raise

    def _lead(self, own: Pending) -> None:
        """Commit batches until `own` is settled; then hand on, unless a commit has done so."""
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
        """Insert the front of the queue; return whether the insert made progress.

        Hands on at once if every entry was stored and `_next_may_follow_at_once`.
        """
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
        """Return which of a batch to insert, and as what records.

        Settles a change that is refused or changes nothing. `decide` gets its message as the
        entries before it leave it, those of this batch included: the insert is ordered, so that a
        change is stored only if those are.
        """
        # A change is decided on the present head; a posted text depends on nothing but its place.
        changes = any(isinstance(pending.draft, Change) for pending in batch)
        known = self._head
        last = self.head() if changes else self._head_to_build_upon()
        if known and last.seq > known.seq:
            # This process has no insert under way, so another one wrote.
            self._others_at = time.monotonic()
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
                    # The result rests on an entry of this batch that is not stored yet.
                    self._put_back(batch[number:])
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
        """Return (the message's record, what to store, the error that refuses the change)."""
        try:
            state = states.get(draft.message_id) or self._state(draft.message_id)
            return state, draft.decide(state), None
        except PyMongoError:
            raise
        except Exception as refusal:  # noqa: BLE001  its owner raises it; the batch goes on
            return None, None, refusal

    def _settle_without_record(self, pending: Pending, refusal: Exception | None) -> None:
        with self._lock:
            self._depart(pending)
        pending.settle(needs_no_record=refusal is None, refusal=refusal)

    def _next_may_follow_at_once(self) -> bool:
        """Return whether the next insert may begin before this one's owners have their results.

        Another process hardly ever gets in between two such inserts: the head that it reads is old
        by the time that it inserts.
        """
        return (
            self._inserts % GAP_EVERY != 0 and time.monotonic() - self._others_at >= RACED_SECONDS
        )

    def _settle(self, batch: list[Pending], records: list[Record], *, hand_on: bool) -> None:
        """Give the owners of a batch their records.

        `hand_on`: first let the next insert begin. Many owners take as long to go on as an insert
        takes, so both happen at the same time.
        """
        with self._lock:
            for pending in batch:
                self._depart(pending)
            if hand_on and self._leader in batch:
                self._hand_on()
        for pending, record in zip(batch, records, strict=False):
            pending.settle(record)

    def _hint(self, seq: int) -> None:
        """Store where the next search begins, unless another writer is still doing so."""
        with self._lock:
            if self._hinting:
                return
            self._hinting = True
        try:
            self.settle()
            self._leave_hints(seq)
        finally:
            self._hinting = False

    def _leave_hints(self, seq: int) -> None:
        """Store where the next search for the head, and for unapplied changes, may begin."""
        hints = {"head_hint": seq, "applied_hint": self._unapplied.applied_seq}
        try:
            database["rooms"].update_one({"_id": self.room_id}, {"$max": hints})
        except PyMongoError as error:  # only a hint: the next search begins a little earlier
            logger.warning(
                "the hint of a room's head was not written",
                extra={"room_id": str(self.room_id), "reason": str(error)},
            )

    def _stopped(self, rest: list[Pending], error: Record) -> None:
        """Handle an ordered insert that ended before `rest[0]`; the rest was not tried."""
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
        else:
            # Lost, late or full: nobody knows what the database has, so no known head holds.
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
            # The owner of a pending draft that is done was killed: nobody would take its turn.
            self._queue.extendleft(
                pending for pending in reversed(batch) if not pending.done.is_open
            )

    def _fail_everything(self) -> None:
        """Fail every waiting entry at once when the database is silent; each may be sent again."""
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
        """Return the entry stored under this client_id, once it is durable.

        Raises Conflict, Unavailable.
        """
        database.flush()  # another process may have written it
        record = database["log"].find_one(
            {"room_id": self.room_id, "author_id": draft.author_id, "client_id": draft.client_id}
        )
        if record is None:
            raise Unavailable(reason="an entry that refused ours was taken back by a failover")
        if not draft.is_same(record):
            raise Conflict("Another message was sent with this client_id.")
        return record
