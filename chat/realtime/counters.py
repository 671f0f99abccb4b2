"""Counters of one process that serves sockets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Counters:
    """Totals since the start of this process, except `open_sockets`, which is current."""

    open_sockets: int = 0  # sessions, whatever their transport
    opened: int = 0
    refused: int = 0  # handshakes, because there were too many
    crowded_out: int = 0  # sessions in no namespace that gave way to newer ones
    packets_in: int = 0
    packets_out: int = 0  # one for each recipient of a packet
    bad_packets: int = 0  # and the connections they cost
    slow_consumers: int = 0  # cut off
    queue_published: int = 0
    queue_dropped: int = 0  # not published: the queue was away or too slow
    queue_reconnects: int = 0
