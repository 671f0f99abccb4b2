"""Time slices: other greenlets run between them, and not more often than is worth it."""

from __future__ import annotations

import pytest

from chat.utils import time_slices
from chat.utils.time_slices import SLICE_SECONDS, in_time_slices


class Clock:
    def __init__(self) -> None:
        self.moment, self.rests = 0.0, list[float]()

    def monotonic(self) -> float:
        return self.moment

    def sleep(self, seconds: float) -> None:
        assert seconds == 0
        self.rests.append(self.moment)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time_slices, "time", clock)
    return clock


def work(clock: Clock, count: int, seconds: float, size: int = 1) -> list[int]:
    done = []
    for item in in_time_slices(range(count), size):
        clock.moment += seconds
        done.append(item)
    return done


def test_long_work_rests_after_every_piece_and_leaves_nothing_out(clock: Clock) -> None:
    assert work(clock, 10, SLICE_SECONDS / 2) == list(range(10))
    assert clock.rests == pytest.approx([SLICE_SECONDS * number for number in range(1, 6)])


def test_short_work_does_not_rest(clock: Clock) -> None:
    work(clock, 10, SLICE_SECONDS / 11)
    assert clock.rests == []


def test_the_clock_is_looked_at_only_after_some_items(clock: Clock) -> None:
    assert work(clock, 10, SLICE_SECONDS, size=4) == list(range(10))
    assert len(clock.rests) == 3
