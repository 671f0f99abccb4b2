"""Batch reads: what several clients send at the same time is read together.

While several clients send, the loop polls their sockets every GATHER_SECONDS instead of at once. It
then reads, decodes and handles what arrived in one go: the first event brings the code into the CPU
caches, which makes the others several times as fast. Database writes of these handlers are batched
too. A client that sends alone never waits, because it sends its next event after the answer to the
previous one.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Hashable

from chat.realtime import loop

GATHER_SECONDS = 0.015
CROWD = 4  # events within CROWD_SECONDS from at least two clients justify the wait
CROWD_SECONDS = 0.06


class ReadBatching:
    """Records which clients send, and when."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, Hashable]] = deque(maxlen=CROWD)

    def note(self, sender: Hashable) -> None:
        """Record an event of a client; on a crowd, delay the reading of clients' sockets."""
        recent = self._recent
        moment = time.monotonic()
        recent.append((moment, sender))
        if (
            len(recent) == CROWD
            and moment - recent[0][0] < CROWD_SECONDS
            and any(who != sender for _, who in recent)
        ):
            loop.leave_clients_alone(GATHER_SECONDS)
