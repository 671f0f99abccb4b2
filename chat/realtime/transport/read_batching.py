"""Batch reads: the server reads together what several clients send at the same time.

While several clients send, the loop polls their sockets every GATHER_SECONDS instead of at once. It
then reads, decodes and handles all arrived events together. The first event brings the code into
the CPU caches, so the others are several times as fast. The handlers' database writes are batched,
too. A client that sends alone never waits: it sends its next event after the answer to the last.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Hashable

from chat.realtime import loop

GATHER_SECONDS = 0.015
CROWD = 4  # events; this many within CROWD_SECONDS from at least two clients justify the wait
CROWD_SECONDS = 0.06


class ReadBatching:
    """Records which clients send, and when."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, Hashable]] = deque(maxlen=CROWD)

    def note(self, sender: Hashable) -> None:
        """Record an event of a client; when several send, delay the reading of clients' sockets."""
        recent = self._recent
        moment = time.monotonic()
        recent.append((moment, sender))
        if (
            len(recent) == CROWD
            and moment - recent[0][0] < CROWD_SECONDS
            and any(who != sender for _, who in recent)
        ):
            loop.leave_clients_alone(GATHER_SECONDS)
