"""Appending to a room's log: each entry once, each `seq` once, many entries in one insert.

Group commit: the writers of a room do not race within a process. While one insert is under way,
further entries wait in the DraftQueue and go into the next one together. The leader, who is at the
front of the queue, commits for all writers behind it.
"""

from __future__ import annotations

from pymongo.errors import PyMongoError

from chat.models.database import Record, database, seconds_left
from chat.models.document import Id
from chat.models.log.applying import ChangeApplier
from chat.models.log.draft_queue import DraftQueue
from chat.models.log.drafts import Appended, AppendedChange, Change, Draft, Pending
from chat.models.log.hints import Hints
from chat.models.log.insert_batcher import NOBODY_KNOWS, NOTHING_TRIED, InsertBatcher
from chat.models.log.known_head import KnownHead
from chat.models.log.other_writers import OtherWriters
from chat.models.log.placing import Placed, place
from chat.utils.errors import Conflict, Unavailable
from chat.utils.translation import _

BATCH = 50  # entries in one insert: a larger one costs no less per entry, and takes longer
HINT_EVERY = 128  # entries between two writes of the hint
RACES = 200  # inserts without progress, because of other processes, before the leader gives up
GAP_EVERY = 16  # inserts; the next one then waits, so that a process not seen yet can insert too
DUPLICATE = 11000  # MongoDB's error code


class Appender:
    """Appends the entries of one room that come from this process.

    The Appender moves `head` on, and notes in `other_writers` when another process wrote. `changes`
    gives the message's record on which a change is decided. All rooms share the `batcher`.
    """

    def __init__(
        self,
        room_id: Id,
        head: KnownHead,
        changes: ChangeApplier,
        hints: Hints,
        other_writers: OtherWriters,
        batcher: InsertBatcher,
    ):
        self._room_id = room_id
        self._head = head
        self._changes = changes
        self._hints = hints
        self._other_writers = other_writers
        self._batcher = batcher
        self._drafts = DraftQueue(room_id)
        self._inserts = 0

    def append(self, draft: Draft) -> Appended:
        """Store an entry durably, once. Raises Conflict, Unavailable, as RoomLog.append does."""
        own = Pending(draft)
        pending = self._go_through(own)
        if pending.record is None:
            return Appended(self.first_result(draft), is_new=False)
        return Appended(pending.record, pending is own)

    def append_change(self, change: Change) -> AppendedChange | None:
        """Store a change durably, without applying it. Return None when it changes nothing.

        Raises Unavailable, and every exception that `decide` raises.
        """
        pending = self._go_through(Pending(change))
        if pending.record is None:
            return None
        assert pending.before is not None
        assert pending.after is not None
        return AppendedChange(pending.record, pending.before, pending.after)

    def _go_through(self, own: Pending) -> Pending:
        """Store a draft and return it settled.

        If the same draft is on its way already, wait for that one and return it instead.
        """
        pending = self._drafts.enter(own)
        if pending is own:
            if self._drafts.leader is not own:
                self._wait_for_go_ahead(own)
            if not own.done.is_open:
                self._lead(own)
        elif not pending.done.wait(seconds_left()):
            raise Unavailable(reason="the same message is being inserted, which took too long")
        if pending.refusal:
            raise pending.refusal
        if pending.record is None and not pending.needs_no_record:
            raise Unavailable(reason=f"the insert failed: {database.last_failure}")
        return pending

    def _wait_for_go_ahead(self, own: Pending) -> None:
        try:
            if not own.go_ahead.wait(seconds_left()):
                raise Unavailable(reason="the inserts before this one took too long")
        except BaseException:  # this writer waited too long, or is being killed
            with self._drafts.lock:
                self._drafts.leave(own)
            raise

    def _lead(self, own: Pending) -> None:
        """Commit batches until `own` is settled. Then make the next writer in the queue the leader.

        A commit may have done the latter already.
        """
        try:
            races = 0
            while not own.done.is_open:
                races = 0 if self._commit() else races + 1
                if races > RACES:
                    self._fail_everything()
        except BaseException:
            if self._drafts.leader is own:
                self._fail_everything()
            raise
        finally:
            with self._drafts.lock:
                if self._drafts.leader is own:
                    self._drafts.hand_on()

    def _commit(self) -> bool:
        """Insert the drafts at the front of the queue. Return whether this made progress.

        If every entry was stored and `_next_may_follow_at_once`, the next writer in the queue
        becomes the leader before the drafts of this insert are settled.
        """
        batch = self._drafts.take(BATCH)
        outcome = NOTHING_TRIED
        try:
            placed = self._place(batch)
            batch = placed.batch
            if placed.rest:
                self._drafts.put_back(placed.rest)
            if batch:
                is_raced = self._other_writers.raced_lately()
                outcome = self._batcher.insert(placed.records, raced=is_raced)
        except PyMongoError as failure:
            database.failed(failure)
            outcome = NOBODY_KNOWS
        except BaseException:
            self._drafts.put_back(batch)
            raise
        count = outcome.stored
        if count:
            # The entries are acknowledged, so no failover takes them back.
            head = self._head.take(placed.records[:count])
            self._inserts += 1
            self._settle(
                batch[:count],
                placed.records,
                hand_on=count == len(batch) and self._next_may_follow_at_once(),
            )
        if outcome.error is not None:
            self._stopped(batch[count:], outcome.error)
        elif count < len(batch):
            self._drafts.put_back(batch[count:])
        if count and head.seq // HINT_EVERY != (head.seq - count) // HINT_EVERY:
            self._hints.leave(head.seq)
        return bool(count) or not batch

    def _place(self, batch: list[Pending]) -> Placed:
        # A change is decided on the message's state, so it needs the newest head. For a new message
        # a head that is too old does no harm: the insert fails on its seq.
        changes = any(isinstance(pending.draft, Change) for pending in batch)
        known = self._head.known
        last = self._head.read() if changes else self._head.to_build_upon()
        if known and last.seq > known.seq:
            # This process has no insert under way, so another process wrote.
            self._other_writers.note_seen()
        return place(batch, last, self._changes.state, self._settle_without_record)

    def _settle_without_record(self, pending: Pending, refusal: Exception | None) -> None:
        with self._drafts.lock:
            self._drafts.depart(pending)
        pending.settle(needs_no_record=refusal is None, refusal=refusal)

    def _next_may_follow_at_once(self) -> bool:
        """Return whether the next insert may begin before this one's writers get their results.

        Between two such inserts another process hardly ever succeeds: its head is out of date
        before its insert arrives.
        """
        return self._inserts % GAP_EVERY != 0 and not self._other_writers.seen_lately()

    def _settle(self, batch: list[Pending], records: list[Record], *, hand_on: bool) -> None:
        """Give the writers of a batch their records.

        `hand_on`: first let the next insert begin. To answer many writers takes as long as an
        insert takes, so it is faster to do both at the same time.
        """
        with self._drafts.lock:
            for pending in batch:
                self._drafts.depart(pending)
            if hand_on and self._drafts.leader in batch:
                self._drafts.hand_on()
        for pending, record in zip(batch, records, strict=False):
            pending.settle(record)

    def _stopped(self, rest: list[Pending], error: Record) -> None:
        """Handle the error of an insert: `rest[0]` has the error, and the drafts behind it wait."""
        which = error.get("keyPattern", {})
        if error.get("code") == DUPLICATE and "client_id" in which:
            with self._drafts.lock:
                self._drafts.depart(rest[0])
            self._drafts.put_back(rest[1:])
            rest[0].settle(needs_no_record=True)
        elif error.get("code") == DUPLICATE and "seq" in which:
            self._other_writers.note_race()
            self._drafts.put_back(rest)
            self._follow_or_fail()
        else:
            # The connection was lost, the time was up or the disk is full. Nobody knows which
            # entries the database has, so this process must forget the head.
            self._drafts.put_back(rest)
            if error:
                database.failed(f"insert refused: {error.get('code')} {error.get('errmsg')}"[:500])
            self._fail_everything()

    def _follow_or_fail(self) -> None:
        try:
            self._head.read()
        except PyMongoError as failure:
            database.failed(failure)
            self._fail_everything()

    def _fail_everything(self) -> None:
        """Fail every waiting draft at once, because the database fails. Clients may send again."""
        self._head.forget()
        for pending in self._drafts.take_all():
            pending.settle()

    def first_result(self, draft: Draft) -> Record:
        """Return the entry stored under the draft's client_id, once this entry is durable.

        Raises Conflict, Unavailable.
        """
        database.flush()  # another process may have written the entry, which may not be durable yet
        record = database["log"].find_one(
            {"room_id": self._room_id, "author_id": draft.author_id, "client_id": draft.client_id}
        )
        if record is None:
            raise Unavailable(reason="an entry that refused ours was taken back by a failover")
        if not draft.is_same(record):
            raise Conflict(_("Another message was sent with this client_id."))
        return record
