"""What several clients say at the same time is read together.

While several speak, their sockets are looked at every GATHER_SECONDS instead of at once. What has come meanwhile is read,
decoded and handled one after the other, by code that the first of it has brought into the caches, where it is several times as
fast; and what handlers write to the database goes there together. Nobody waits who speaks alone: what they say next comes
after the answer to what they said before.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Hashable

from chat.realtime import eventlet_hub as hub

GATHER_SECONDS = 0.015
CROWD = 4  # events within CROWD_SECONDS, not all of one client: then it is worth the wait
CROWD_SECONDS = 0.06


class ReadBatching:
    """Hears who speaks, and when."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, Hashable]] = deque(maxlen=CROWD)

    def note(self, speaker: Hashable) -> None:
        """An event has come from a client."""
        recent, moment = self._recent, time.monotonic()
        recent.append((moment, speaker))
        if (
            len(recent) == CROWD
            and moment - recent[0][0] < CROWD_SECONDS
            and any(who != speaker for _, who in recent)
        ):
            hub.leave_clients_alone(GATHER_SECONDS)
