"""Rate limits are charged before the work, or afterwards in steps; accounts are separate."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from limits import parse
from limits.storage import memory

from chat.utils import rate_limiter
from chat.utils.rate_limiter import Budget, RateLimiter
from tests.helpers.redis_server import RedisServer

FEW = Budget(parse("10 per hour"))
TIME = Budget(parse("1000 per hour"), step=100)


@pytest.fixture(params=["alone", "through Redis"])
def limiters(request: pytest.FixtureRequest) -> Iterator[tuple[RateLimiter, RateLimiter]]:
    """Return the counters of two processes; alone, both are of one process."""
    if request.param == "alone":
        alone = RateLimiter(None)
        yield alone, alone
        return
    with RedisServer() as redis:
        yield RateLimiter(redis.url), RateLimiter(redis.url)


def test_what_is_charged_before_the_work_is_refused_when_there_is_not_so_much_left(
    limiters: tuple[RateLimiter, RateLimiter],
) -> None:
    here, there = limiters
    assert here.charge("few", FEW, "mallory", 6) == 0
    assert there.charge("few", FEW, "mallory", 5) > 0
    assert there.charge("few", FEW, "mallory", 4) == 0
    assert 0 < here.charge("few", FEW, "mallory") <= 3600
    assert here.charge("few", FEW, "bob") == 0
    assert here.charge("other", FEW, "mallory") == 0


def test_a_check_tells_whether_so_much_is_left_and_charges_nothing(
    limiters: tuple[RateLimiter, RateLimiter],
) -> None:
    here, there = limiters
    assert [here.check("few", FEW, "mallory", 10) for _ in range(2)] == [0, 0]
    assert here.charge("few", FEW, "mallory", 6) == 0
    assert there.check("few", FEW, "mallory", 5) > 0
    assert there.check("few", FEW, "mallory", 4) == 0


def test_what_is_charged_afterwards_refuses_what_comes_next(
    limiters: tuple[RateLimiter, RateLimiter],
) -> None:
    here, there = limiters
    for _ in range(9):
        here.charge_afterwards("time", TIME, "mallory", 100)
        assert here.retry_after("time", "mallory") == 0
    there.charge_afterwards("time", TIME, "mallory", 99)
    assert there.retry_after("time", "mallory") == 0, "what is less than a step waits"
    there.charge_afterwards("time", TIME, "mallory", 100)
    assert there.retry_after("time", "mallory") > 0
    assert there.charge("time", TIME, "mallory") > 0
    assert there.retry_after("time", "bob") == 0


def test_more_at_once_than_the_whole_budget_uses_it_up_and_no_more(
    limiters: tuple[RateLimiter, RateLimiter],
) -> None:
    here, _ = limiters
    here.charge_afterwards("time", TIME, "mallory", 50_000)
    here.charge_afterwards("time", TIME, "mallory", 100)
    assert here.retry_after("time", "mallory") > 0


def test_many_accounts_take_no_more_memory_than_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limiter, "MOST_COLLECTED", 100)
    limiter = RateLimiter(None)
    for number in range(1000):
        limiter.charge_afterwards("time", TIME, f"mallory {number}", 1)
    assert len(limiter._collected) == 100


def test_limits_are_exact_within_a_minute_and_estimated_across_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As docs/security.md says."""
    minute = 60 * (int(time.time()) // 60 + 1)
    clock = SimpleNamespace(now=minute + 59.5)
    monkeypatch.setattr(memory, "time", SimpleNamespace(time=lambda: clock.now))
    limiter, budget = RateLimiter(None), Budget(parse("30 per minute"))

    def admitted(seconds: float) -> int:
        """Return how many of many requests are admitted at this moment."""
        clock.now = minute + seconds
        return sum(limiter.charge("guesses", budget, "mallory") == 0 for _ in range(40))

    assert admitted(59.5) == 30
    assert admitted(60.01) == 1, "at the turn of the minute one more"
    assert admitted(61) == 0
    around = 30 + 1 + sum(admitted(second) for second in range(62, 119))
    assert 30 < around <= 60
    an_hour = around + sum(admitted(second) for second in range(119, 3660))
    assert an_hour <= 61 * 30
