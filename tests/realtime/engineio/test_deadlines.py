"""Deadlines after a fixed time, which one timer checks together."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from chat.realtime.engineio import deadlines as module
from chat.realtime.engineio.deadlines import AT_ONCE, SWEEP_SECONDS, Deadlines


class Clock:
    """A loop with one timer, whose time passes only when the test lets it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.now = 100.0
        self.timers: list[tuple[float, Any]] = []
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(
            module,
            "loop",
            SimpleNamespace(
                call_later=lambda seconds, call: self.timers.append((self.now + seconds, call))
            ),
        )

    def run(self) -> int:
        """Run until no timer is set; return how often the loop woke."""
        woke = 0
        while self.timers:
            self.now, call = self.timers.pop()
            assert not self.timers, "one timer for all"
            call()
            woke += 1
        return woke


def test_everybody_is_called_in_their_time_and_few_wake_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, called = Clock(monkeypatch), []
    deadlines: Deadlines[int] = Deadlines(
        10.0, lambda thing, deadline: called.append((thing, clock.now - deadline))
    )
    for number in range(1_000):
        clock.now = 100.0 + number * 0.001
        deadlines.add(number)
    woke = clock.run()
    assert [thing for thing, _ in called] == list(range(1_000))
    assert all(SWEEP_SECONDS - 1e-9 < -late < 2 * SWEEP_SECONDS + 1e-9 for _, late in called), (
        "a little early, and never late"
    )
    assert woke <= 2 + 1.0 / SWEEP_SECONDS


def test_many_that_are_due_together_leave_everybody_else_a_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, called = Clock(monkeypatch), []
    deadlines: Deadlines[int] = Deadlines(10.0, lambda thing, _: called.append(thing))
    for number in range(3 * AT_ONCE):
        deadlines.add(number)
    assert clock.run() == 3
    assert called == list(range(3 * AT_ONCE))
    assert clock.now < 110.0, "the rest does not wait for the next sweep"
