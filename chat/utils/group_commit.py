"""Group commit: callers that arrive during a commit wait, and go into the next one together.

One caller at a time leads. The leader commits what waits in the queue, gives every owner its
result, and hands on to the owner at the front of the queue.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, Protocol, TypeVar

from chat.utils.latch import Latch


class Waiting(Protocol):
    """What waits for a commit. `turn`: its owner may go on, to lead or to take the result."""

    turn: Latch


W = TypeVar("W", bound=Waiting)


class GroupCommit(Generic[W]):
    """The queue of what waits, and whose owner leads. Call every method with `lock`."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.queue: deque[W] = deque()
        self.leader: W | None = None  # its owner commits, or is about to

    def join(self, waiting: W) -> bool:
        """Enqueue; return whether the owner leads at once. Otherwise it waits for its turn."""
        self.queue.append(waiting)
        if self.leader is not None:
            return False
        self.leader = waiting
        return True

    def hand_on(self) -> None:
        """Let the owner at the front of the queue lead; nobody when the queue is empty."""
        self.leader = self.queue[0] if self.queue else None
        if self.leader:
            self.leader.turn.open()

    def leave(self, waiting: W) -> None:
        """Remove what has an owner who gives up, or is being killed.

        If that owner led, the next one must lead.
        """
        if waiting in self.queue:
            self.queue.remove(waiting)
        if self.leader is waiting:
            self.hand_on()
