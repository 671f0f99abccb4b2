"""Counters of one process that serves sockets."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

# Upper bounds of the buckets of a Distribution, in seconds.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass
class Distribution:
    """How many durations fell into each bucket of BOUNDS, the last of which has no bound."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0  # the sum of all

    def note(self, seconds: float) -> None:
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


@dataclass
class Counters:
    """Totals since the start of this process, except `open_sockets`, which is current."""

    open_sockets: int = 0  # sessions with either transport: WebSocket or polling
    opened: int = 0
    refused: int = 0  # refused handshakes, because there were too many sessions
    crowded_out: int = 0  # pending sessions that the server closed to admit newer ones
    packets_in: int = 0
    packets_out: int = 0  # a packet counts once for each recipient
    bad_packets: int = 0  # each also ended a connection
    slow_consumers: int = 0  # clients that the server cut off because they read too slowly
    queue_published: int = 0
    queue_dropped: int = 0  # messages not published: the queue was away or too slow
    queue_reconnects: int = 0
    # until the sockets of an audience had taken a packet, since the moment that its sender named
    delivered: Distribution = field(default_factory=Distribution)
