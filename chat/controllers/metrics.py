"""Tell Prometheus how the chat is: all its processes on this machine, and its database."""

from __future__ import annotations

import logging
import platform
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from prometheus_client import Metric, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector

from chat import extensions
from chat.controllers import measuring, storage
from chat.models import waiting
from chat.models.database import DatabaseError, database
from chat.utils import metric_folder, metrics
from chat.utils.errors import Unavailable
from chat.utils.shared_metrics import SharedMetrics

_shared: list[SharedMetrics] = []
logger = logging.getLogger(__name__)


def start() -> None:
    """Share the metrics with the other processes of the chat, if it has several here."""
    if folder := metric_folder.find():
        try:
            _shared[:] = [SharedMetrics(folder, _of_process)]
        except OSError as error:
            logger.warning("the metrics cannot be shared", extra={"reason": str(error)})


def share() -> None:
    """Write what this process has counted, for scrapes by any process."""
    for each in _shared:
        each.share()


def probe_loop() -> None:
    """Time how long work that is ready waits until it runs."""
    began = time.perf_counter()
    extensions.socketio.sleep(0)
    metrics.loop_delay.observe(time.perf_counter() - began)


class Live(NamedTuple):
    """What all processes on this machine are now. `slow`: clients that take no more just now."""

    processes: int
    connections: int
    slow: int
    has_queue: bool
    queue_is_up: bool  # all of them reach it


def live() -> Live:
    families, processes = _of_all()
    values = {
        family.name: sum(sample.value for sample in family.samples)
        for family in families
        if family.type == "gauge"
    }
    state = extensions.socketio.queue_state
    return Live(
        processes=processes,
        connections=round(values["chat_connections"]),
        slow=round(values["chat_slow_clients"]),
        has_queue=state != "off",
        queue_is_up=bool(values["chat_queue_up"]),
    )


def written(version: str) -> bytes:
    """Return all metrics in Prometheus' text form. `version`: of the program."""
    families, processes = _of_all()
    count = "Serving processes of the chat on this machine."
    running = GaugeMetricFamily("chat_processes", count, processes)
    return generate_latest(_Families([*families, running, *_of_chat(version)]))


class _Families(Collector):
    """Families as what the library writes down."""

    def __init__(self, families: list[Metric]):
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _of_all() -> tuple[list[Metric], int]:
    """Return the metrics of all processes on this machine, and how many of them run."""
    share()
    if not _shared:
        return list(_of_process()), 1
    totals, running = _shared[0].all()
    totals.add(measuring.of_parent())
    return totals.families(), running


def _of_process() -> Iterator[Metric]:
    yield from metrics.registry.collect()
    yield from measuring.of_process(f"worker {_shared[0].number}" if _shared else "worker 0")


def _of_chat(version: str) -> Iterator[Metric]:
    """Yield what is the same for all processes; without the database, not what it knows."""
    about = {"version": version, "python": platform.python_version()}
    yield InfoMetricFamily("chat_build", "The version of the program.", about)
    up = GaugeMetricFamily("chat_database_up", "Whether the database answers.")
    yield up
    try:
        with database.deadline():
            began = time.perf_counter()
            database.ping()
            took = time.perf_counter() - began
            found = list(_of_database())
    except (DatabaseError, Unavailable):
        up.add_metric([], 0)
        return
    up.add_metric([], 1)
    round_trip = "How long a ping of the database took."
    yield GaugeMetricFamily("chat_database_round_trip_seconds", round_trip, took)
    yield from found


def _of_database() -> Iterator[Metric]:
    disk = GaugeMetricFamily("chat_disk_free_bytes", "Free space on the disk of the database.")
    if (free := storage.free_bytes()) is not None:
        disk.add_metric([], free)
    yield disk
    mails = "Mails that wait for the mail server."
    yield GaugeMetricFamily("chat_mails_waiting", mails, waiting.mails())
    pushes = "Push messages that wait for their service."
    yield GaugeMetricFamily("chat_pushes_waiting", pushes, waiting.pushes())
    failing = "Outgoing webhooks that wait to be tried again."
    yield GaugeMetricFamily("chat_webhooks_failing", failing, waiting.failing_webhooks())
