"""Group commit: callers that arrive during a commit wait, and go into the next one together.

One caller at a time leads. The leader commits all waiting items of the queue, and gives each caller
its result. Then the caller at the front of the queue becomes the next leader.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, Protocol, TypeVar

from chat.utils.latch import Latch


class Waiting(Protocol):
    """An item that waits for a commit.

    `go_ahead` opens when its caller may lead, or has a result.
    """

    go_ahead: Latch


W = TypeVar("W", bound=Waiting)


class GroupCommit(Generic[W]):
    """The queue of waiting items, and the leader's item. Call every method with `lock`."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.queue: deque[W] = deque()
        self.leader: W | None = None  # the item whose caller commits, or is about to commit

    def join(self, waiting: W) -> bool:
        """Enqueue an item; return whether its caller leads at once, or waits at its `turn`."""
        self.queue.append(waiting)
        if self.leader is not None:
            return False
        self.leader = waiting
        return True

    def hand_on(self) -> None:
        """Make the caller at the front of the queue the leader; nobody if the queue is empty."""
        self.leader = self.queue[0] if self.queue else None
        if self.leader:
            self.leader.go_ahead.open()

    def leave(self, waiting: W) -> None:
        """Remove an item whose caller gives up, or is being killed.

        If that caller led, the next one must lead.
        """
        if waiting in self.queue:
            self.queue.remove(waiting)
        if self.leader is waiting:
            self.hand_on()
