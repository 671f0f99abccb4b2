"""Read off this process what nobody counts: its sockets, its work, its memory."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from prometheus_client import Metric
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)

from chat import extensions
from chat.controllers import index_schedule, turns
from chat.realtime.cluster.redis_queue import CONNECTED
from chat.realtime.counters import BOUNDS, Counters, Distribution
from chat.realtime.descriptors import most_sockets
from chat.realtime.http.connections import open_connections
from chat.utils.fair_queue import FairQueue

WORK: dict[str, FairQueue] = {
    "images": turns.PICTURES,
    "passwords": turns.PASSWORDS,
    "directory": turns.DIRECTORY,
}
# A part of the command line of a program that the chat runs, and what the metrics call it.
HELPERS = {
    b"secantusd": "database",
    b"utils/picture_worker.py": "images",
    b"utils/mail_worker.py": "mails",
    b"utils/pushing/worker.py": "pushes",
    b"utils/webhooks/worker.py": "webhooks",
}
# A sum of their CPU times would fall whenever one ends.
SHORT_LIVED = frozenset({"images", "mails", "pushes", "webhooks"})
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TICKS_OF_SECOND = os.sysconf("SC_CLK_TCK")
STARTED_AT = time.time()


class Process(NamedTuple):
    memory_bytes: int
    cpu_seconds: float


def of_process(name: str) -> Iterator[Metric]:
    """Yield what this process is like now. `name`: what the metrics call it."""
    yield from _of_sockets()
    yield from _of_counters(extensions.socketio.counters)
    yield from _of_queue()
    lag = "Entries of rooms that people write in, which search has not indexed yet."
    yield GaugeMetricFamily("chat_index_lag_entries", lag, index_schedule.lag())
    yield from _of_work()
    yield from of_system({name: [os.getpid()], **helpers_of(os.getpid())})
    started = GaugeMetricFamily(
        "chat_process_start_time_seconds", "When a process started.", labels=["process"]
    )
    started.add_metric([name], STARTED_AT)
    yield started


def of_parent() -> Iterator[Metric]:
    """Yield what the master of several workers is like, and the database that it owns."""
    master = os.getppid()
    yield from of_system({"master": [master], **helpers_of(master)})


def of_system(processes: dict[str, list[int]]) -> Iterator[Metric]:
    """Yield the memory and CPU time of processes, by the name that the metrics give them."""
    memory = GaugeMetricFamily(
        "chat_process_resident_memory_bytes", "Memory of a process.", labels=["process"]
    )
    cpu = CounterMetricFamily(
        "chat_process_cpu_seconds", "CPU time of a process.", labels=["process"]
    )
    for name, pids in processes.items():
        found = [process for process in map(read_process, pids) if process]
        if found:
            memory.add_metric([name], sum(each.memory_bytes for each in found))
        if found and name not in SHORT_LIVED:
            cpu.add_metric([name], sum(each.cpu_seconds for each in found))
    yield memory
    yield cpu


def helpers_of(pid: int) -> dict[str, list[int]]:
    """Return the programs that a process has started and that run, by what they do."""
    found = dict[str, list[int]]()
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # the thread, or the child, has ended
            for child in children.read_text().split():
                command = Path(f"/proc/{child}/cmdline").read_bytes()
                for part, name in HELPERS.items():
                    if part in command:
                        found.setdefault(name, []).append(int(child))
    return found


def read_process(pid: int) -> Process | None:
    """Return the figures of a process; None if it has ended, or the system has no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None
    ticks = int(fields[11]) + int(fields[12])  # in user mode, in the kernel
    return Process(int(fields[21]) * PAGE_BYTES, ticks / TICKS_OF_SECOND)


def _of_sockets() -> Iterator[Metric]:
    now = extensions.socketio.figures()
    connections = GaugeMetricFamily(
        "chat_connections", "Open connections, by kind.", labels=["kind"]
    )
    connections.add_metric(["websocket"], now.websockets)
    connections.add_metric(["polling"], now.polling)
    connections.add_metric(["stream"], now.streams)
    connections.add_metric(["http"], open_connections())
    yield connections
    most = "Connections that the limit of open files allows, of all kinds together."
    yield GaugeMetricFamily("chat_connections_limit", most, most_sockets())
    slow = "Clients whose connection takes no more just now."
    yield GaugeMetricFamily("chat_slow_clients", slow, now.slow)
    yield GaugeMetricFamily("chat_backlog_bytes", "Bytes that wait for them.", now.backlog)


def _of_counters(counters: Counters) -> Iterator[Metric]:
    for name, documentation, value in (
        ("chat_sockets_opened", "Sockets that were opened.", counters.opened),
        ("chat_sockets_refused", "Refused, because too many were open.", counters.refused),
        ("chat_sockets_crowded_out", "Closed to admit newer ones.", counters.crowded_out),
        ("chat_packets_received", "Packets that clients sent.", counters.packets_in),
        ("chat_bad_packets", "Packets that ended their connection.", counters.bad_packets),
        ("chat_deliveries", "Packets to clients, once for each client.", counters.packets_out),
        ("chat_slow_clients_cut", "Cut off: they read too slowly.", counters.slow_consumers),
    ):
        yield CounterMetricFamily(name, documentation, value)
    buckets = _buckets(counters.delivered)
    documentation = "From a message's time until all listeners of a process were given it."
    yield HistogramMetricFamily(
        "chat_delivery_duration_seconds", documentation, buckets, counters.delivered.seconds
    )


def _buckets(found: Distribution) -> list[tuple[str, float]]:
    bounds = [*map(str, BOUNDS), "+Inf"]
    return list(zip(bounds, accumulate(map(float, found.buckets)), strict=True))


def _of_queue() -> Iterator[Metric]:
    state = extensions.socketio.queue_state
    up = GaugeMetricFamily("chat_queue_up", "Whether all processes reach the queue.", labels=[])
    if state != "off":
        up.add_metric([], state == CONNECTED)
    yield up
    counters = extensions.socketio.counters
    for name, documentation, value in (
        ("chat_queue_published", "Messages to other processes.", counters.queue_published),
        ("chat_queue_dropped", "Not published: the queue was away.", counters.queue_dropped),
        ("chat_queue_reconnects", "Returns of the queue.", counters.queue_reconnects),
    ):
        yield CounterMetricFamily(name, documentation, value)


def _of_work() -> Iterator[Metric]:
    running = GaugeMetricFamily(
        "chat_work_running", "Work that takes a whole CPU: under way.", labels=["kind"]
    )
    waiting = GaugeMetricFamily(
        "chat_work_waiting", "Work that takes a whole CPU: waiting.", labels=["kind"]
    )
    for kind, queue in WORK.items():
        running.add_metric([kind], queue.running_in_all)
        waiting.add_metric([kind], queue.waiting_in_all)
    yield running
    yield waiting
