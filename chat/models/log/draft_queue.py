"""Draft queue: the drafts that wait for an insert into one room's log, each of them once."""

from __future__ import annotations

from chat.models.document import Id
from chat.models.log.drafts import Pending
from chat.utils.errors import Unavailable
from chat.utils.group_commit import GroupCommit
from chat.utils.sentences import N_

QUEUE_BOUND = 1_000  # entries of one room that may wait in one process


class DraftQueue(GroupCommit[Pending]):
    """The group commit of one room's drafts.

    `depart` and `leave` need the lock; the other methods here acquire it themselves.
    """

    def __init__(self, room_id: Id):
        super().__init__()
        self._room_id = room_id
        self.on_the_way: dict[tuple[Id, str], Pending] = {}  # in the queue, or being inserted

    def enter(self, own: Pending) -> Pending:
        """Enqueue a draft, unless the same draft is on its way. Return the one that is on its way.

        Raises Unavailable when too many drafts wait.
        """
        key = own.draft.key
        with self.lock:
            twin = self.on_the_way.get(key)
            if twin and twin.draft.fingerprint == own.draft.fingerprint:
                return twin
            if len(self.queue) >= QUEUE_BOUND:
                raise Unavailable(
                    N_("This room is too busy at the moment. Try again in a moment."),
                    reason=f"{QUEUE_BOUND} entries of room {self._room_id} wait already",
                )
            self.join(own)
            if not twin:
                self.on_the_way[key] = own
            return own

    def take(self, most: int) -> list[Pending]:
        """Remove up to `most` drafts from the front of the queue, and return them."""
        with self.lock:
            return [self.queue.popleft() for _ in range(min(most, len(self.queue)))]

    def take_all(self) -> list[Pending]:
        """Remove all drafts from the queue, and return them; none is on its way any more."""
        with self.lock:
            taken = list(self.queue)
            self.queue.clear()
            for pending in taken:
                self.depart(pending)
            return taken

    def put_back(self, batch: list[Pending]) -> None:
        """Put a batch back to the front of the queue."""
        with self.lock:
            # Leave out drafts that are done: their writers gave up or were killed. If such a writer
            # became the leader, it would never commit.
            self.queue.extendleft(
                pending for pending in reversed(batch) if not pending.done.is_open
            )

    def depart(self, pending: Pending) -> None:
        """Note that a draft is not on its way any more. Call it with the lock."""
        if self.on_the_way.get(pending.draft.key) is pending:
            del self.on_the_way[pending.draft.key]

    def leave(self, waiting: Pending) -> None:
        """Remove and settle the draft of a writer who gives up. Call it with the lock.

        `put_back` leaves out settled drafts, so this draft does not return to the queue.
        """
        self.depart(waiting)
        super().leave(waiting)
        waiting.settle()
