"""Metrics of all processes on this machine that serve one chat: each writes its own to a file.

A scrape reaches one process, whichever it is, and has to tell of all. So it adds the files, and
nothing else: if it took its own process's newest figures, the next scrape, by another process,
could find less of them, and Prometheus would take a sum that fell for a restart.

A process holds the lock of its file as long as it runs, and the system releases it however the
process ends. The next process that takes the file counts on from what is in it, so that a process
that was killed takes nothing out of the sums but what it counted after its last write.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson
from prometheus_client import Metric

from chat.utils.time_slices import in_time_slices

MOST = 1024  # files, and so processes
FRESH_SECONDS = 15.0  # an older file is that of a process that has ended, or hangs
# How current values of several processes become one; otherwise they are added.
MERGED: dict[str, Callable[[float, float], float]] = {
    "chat_index_lag_entries": max,
    "chat_job_last_success_timestamp_seconds": max,
    "chat_queue_up": min,
}
# Of one process each, by a label: they begin anew with it.
OF_PROCESS = "chat_process_"

Series = tuple[str, tuple[tuple[str, str], ...]]  # the name of a sample, and its labels

logger = logging.getLogger(__name__)


class Totals:
    """Families of metrics, added up over processes."""

    def __init__(self) -> None:
        self._families: dict[str, tuple[str, str]] = {}  # name -> documentation, type
        self._values: dict[str, dict[Series, float]] = {}

    def add(self, families: Iterable[Metric], *, current: bool = True) -> None:
        """Add one process's. `current`: False for one that has ended, of which totals remain."""
        for family in families:
            self._families[family.name] = (family.documentation, family.type)
            values = self._values.setdefault(family.name, {})
            if not current and not _is_total(family):
                continue
            merge = MERGED.get(family.name, float.__add__)
            for sample in family.samples:
                series = (sample.name, tuple(sample.labels.items()))
                value = float(sample.value)
                values[series] = merge(values[series], value) if series in values else value

    def families(self) -> list[Metric]:
        found = []
        for name, (documentation, kind) in self._families.items():
            family = Metric(name, documentation, kind)
            for (sample, labels), value in self._values[name].items():
                family.add_sample(sample, dict(labels), value)
            found.append(family)
        return found


class SharedMetrics:
    """The files of a folder. `collect` returns what this process has counted."""

    def __init__(self, folder: Path, collect: Callable[[], Iterable[Metric]]):
        self._folder = folder
        self._collect = collect
        self._before: list[Metric] = []  # of the processes that had this process's file before
        self._number, self._lock = self._take()
        self._is_failing = False
        self._writing = threading.Lock()

    @property
    def number(self) -> int:
        """Return the number of this process's file: 0, 1, 2, …"""
        return self._number

    def share(self) -> None:
        """Write what this process has counted, for scrapes by any process."""
        with self._writing:  # else what was collected first could be written last
            totals = Totals()
            totals.add(self._before, current=False)
            totals.add(in_time_slices(self._collect()))
            self._write([_written(each) for each in in_time_slices(totals.families())])

    def all(self) -> tuple[Totals, int]:
        """Return what all processes have written, and how many of them run."""
        totals = Totals()
        running = 0
        for path in in_time_slices(sorted(self._folder.glob("*.json"))):
            at, families = _read(path)
            is_running = abs(time.time() - at) < FRESH_SECONDS
            totals.add(families, current=is_running)
            running += is_running
        return totals, running

    def _write(self, families: list[Any]) -> None:
        content = {"at": time.time(), "families": families}
        path = self._path(self._number)
        new = path.with_suffix(".new")
        try:
            new.write_bytes(orjson.dumps(content))
            new.replace(path)
            self._is_failing = False
        except OSError as error:  # a full disk; the figures stand still, and people notice nothing
            if not self._is_failing:
                logger.warning("the metrics cannot be written", extra={"reason": str(error)})
            self._is_failing = True

    def _take(self) -> tuple[int, int]:
        """Return the first file that no running process has, and its lock, which stays open."""
        for number in range(MOST):
            lock = os.open(self._folder / f"{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
                continue
            self._before = _read(self._path(number))[1]
            return number, lock
        raise OSError("too many processes share this folder of metrics")

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.json"


def _is_total(family: Metric) -> bool:
    return family.type in ("counter", "histogram") and not family.name.startswith(OF_PROCESS)


def _written(family: Metric) -> list[Any]:
    samples = [[sample.name, sample.labels, sample.value] for sample in family.samples]
    return [family.name, family.documentation, family.type, samples]


def _read(path: Path) -> tuple[float, list[Metric]]:
    """Return when a file was written, and what is in it: nothing if there is none."""
    with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
        content = orjson.loads(path.read_bytes())
        families = []
        for name, documentation, kind, samples in content["families"]:
            family = Metric(name, documentation, kind)
            for sample in samples:
                family.add_sample(*sample)
            families.append(family)
        return content["at"], families
    return 0.0, []
