"""The metrics of several processes are added, and no sum falls when one of them ends."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric

from chat.utils import shared_metrics
from chat.utils.shared_metrics import SharedMetrics
from tests.helpers.metrics import value


class Process:
    """What one process counts."""

    def __init__(self, folder: Path):
        self.registry = CollectorRegistry()
        self.sends = Counter("chat_sends", "…", ["kind"], registry=self.registry)
        self.open = Gauge("chat_open", "…", registry=self.registry)
        self.lag = Gauge("chat_index_lag_entries", "…", registry=self.registry)
        self.queue = Gauge("chat_queue_up", "…", registry=self.registry)
        self.took = Histogram("chat_took_seconds", "…", buckets=[1, 2], registry=self.registry)
        self.shared = SharedMetrics(folder, self.registry.collect)

    def end(self) -> None:
        """End it as a kill does: the system closes its lock, and nothing is written."""
        os.close(self.shared._lock)

    def all(self) -> dict[str, Metric]:
        self.shared.share()
        return {family.name: family for family in self.shared.all()[0].families()}


def test_a_scrape_of_either_process_tells_of_both(tmp_path: Path) -> None:
    one, two = Process(tmp_path), Process(tmp_path)
    for process, count in ((one, 3), (two, 4)):
        process.sends.labels("a").inc(count)
        process.open.set(count)
        process.lag.set(count)
        process.queue.set(count - 3)
        process.took.observe(count - 2)
        process.shared.share()
    for process in (one, two):
        found = process.all()
        assert value(found, "chat_sends_total", kind="a") == 7
        assert value(found, "chat_open") == 7
        assert value(found, "chat_index_lag_entries") == 4, "the largest"
        assert value(found, "chat_queue_up") == 0, "one of them does not reach it"
        buckets = [each.value for each in found["chat_took_seconds"].samples[:3]]
        assert buckets == [1, 2, 2]
    assert one.shared.all()[1] == 2


def test_what_a_killed_process_counted_stays_and_the_next_one_counts_on(tmp_path: Path) -> None:
    one, two = Process(tmp_path), Process(tmp_path)
    for process in (one, two):
        process.sends.labels("a").inc(5)
        process.open.set(5)
        process.shared.share()
    two.end()
    assert value(one.all(), "chat_sends_total") == 10
    third = Process(tmp_path)
    assert third.shared.number == two.shared.number
    assert value(one.all(), "chat_sends_total") == 10, "before the next one has written"
    third.sends.labels("a").inc(2)
    found = third.all()
    assert value(found, "chat_sends_total") == 12
    assert value(found, "chat_open") == 5, "what the dead one had open is closed"
    third.end()
    assert value(Process(tmp_path).all(), "chat_sends_total") == 12, "and so on"


def test_sums_never_fall_between_scrapes_of_different_processes(tmp_path: Path) -> None:
    one, two = Process(tmp_path), Process(tmp_path)
    seen = 0.0
    for turn in range(20):
        one.sends.labels("a").inc(turn)
        two.sends.labels("b").inc(turn)
        now = value((one, two)[turn % 2].all(), "chat_sends_total")
        assert now >= seen
        seen = now


def test_what_a_process_has_now_does_not_count_once_it_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = Process(tmp_path), Process(tmp_path)
    two.open.set(5)
    two.sends.labels("a").inc(5)
    two.shared.share()
    now = shared_metrics.time.time()
    monkeypatch.setattr(shared_metrics.time, "time", lambda: now + 60)
    found = one.all()
    assert value(found, "chat_open") == 0
    assert value(found, "chat_sends_total") == 5
    assert one.shared.all()[1] == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"at":1}', b'{"at":1,"families":[1]}'])
def test_a_damaged_file_counts_as_none(tmp_path: Path, content: bytes) -> None:
    one = Process(tmp_path)
    (tmp_path / "7.json").write_bytes(content)
    one.sends.labels("a").inc()
    assert value(one.all(), "chat_sends_total") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_full_disk_stops_the_figures_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one = Process(tmp_path)
    one.sends.labels("a").inc()
    one.shared.share()
    (tmp_path / "0.new").symlink_to("/dev/full")
    one.sends.labels("a").inc()
    with caplog.at_level(logging.WARNING):
        assert value(one.all(), "chat_sends_total") == 1
        one.shared.share()
    assert [line.message for line in caplog.records] == ["the metrics cannot be written"]
    (tmp_path / "0.new").unlink()
    assert value(one.all(), "chat_sends_total") == 2
