"""Draft queue: what waits for an insert into one room's log, each author's client_id once."""

from __future__ import annotations

from chat.models.document import Id
from chat.models.log.drafts import Pending
from chat.utils.errors import Unavailable
from chat.utils.group_commit import GroupCommit

QUEUE_BOUND = 1_000  # entries of one room that may wait in one process


class DraftQueue(GroupCommit[Pending]):
    """The group commit of one room's drafts. Its own methods take the lock, but for `depart`."""

    def __init__(self, room_id: Id):
        super().__init__()
        self._room_id = room_id
        self.on_the_way: dict[tuple[Id, str], Pending] = {}  # in the queue, or being inserted

    def enter(self, own: Pending) -> Pending:
        """Enqueue a draft, unless the same one is on its way; return which of the two is.

        Raises Unavailable when too many wait.
        """
        key = own.draft.key
        with self.lock:
            twin = self.on_the_way.get(key)
            if twin and twin.draft.fingerprint == own.draft.fingerprint:
                return twin
            if len(self.queue) >= QUEUE_BOUND:
                raise Unavailable(
                    "This room is too busy at the moment. Try again in a moment.",
                    reason=f"{QUEUE_BOUND} entries of room {self._room_id} wait already",
                )
            self.join(own)
            if not twin:
                self.on_the_way[key] = own
            return own

    def take(self, most: int) -> list[Pending]:
        """Take the front of the queue."""
        with self.lock:
            return [self.queue.popleft() for _ in range(min(most, len(self.queue)))]

    def take_all(self) -> list[Pending]:
        """Take the whole queue; none of it is on its way any more."""
        with self.lock:
            taken = list(self.queue)
            self.queue.clear()
            for pending in taken:
                self.depart(pending)
            return taken

    def put_back(self, batch: list[Pending]) -> None:
        """Put a batch back to the front of the queue."""
        with self.lock:
            # The owner of a pending draft that is done was killed: nobody would take its turn.
            self.queue.extendleft(
                pending for pending in reversed(batch) if not pending.done.is_open
            )

    def depart(self, pending: Pending) -> None:
        """Note that a draft is not on its way any more. Call it with the lock."""
        if self.on_the_way.get(pending.draft.key) is pending:
            del self.on_the_way[pending.draft.key]

    def leave(self, waiting: Pending) -> None:
        """Remove and settle the draft of an owner who gives up. Call it with the lock.

        Settled, it is not put back by a commit: nobody would take its turn.
        """
        self.depart(waiting)
        super().leave(waiting)
        waiting.settle()
