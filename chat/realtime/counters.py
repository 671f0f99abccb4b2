"""Counters of one process that serves sockets."""

from __future__ import annotations

from dataclasses import dataclass


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
