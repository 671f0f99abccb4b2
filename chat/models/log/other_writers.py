"""Other writers: when other processes wrote to a room's log, as far as this process has seen.

If another process writes too, an insert may lose the race for its `seq`. So for some seconds this
process puts the room last in an insert for several rooms. It also leaves a gap between two inserts
of the room.
"""

from __future__ import annotations

import math
import time

# Seconds after a write by another process, in which this process expects others to write again.
LATELY_SECONDS = 10.0


class OtherWriters:
    def __init__(self) -> None:
        self._seen_at = -math.inf
        self._raced_at = -math.inf

    def note_seen(self) -> None:
        """Note that another process wrote to the room."""
        self._seen_at = time.monotonic()

    def note_race(self) -> None:
        """Note that another process won a race: it inserted an entry with the `seq` of ours."""
        self._seen_at = time.monotonic()
        self._raced_at = self._seen_at

    def seen_lately(self) -> bool:
        return time.monotonic() - self._seen_at < LATELY_SECONDS

    def raced_lately(self) -> bool:
        return time.monotonic() - self._raced_at < LATELY_SECONDS
