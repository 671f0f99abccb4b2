"""Rate limits: how much of a budget an account may use in a period.

Redis counts for all processes. A charge before the work goes to its counters at once. A charge that
is known only afterwards, such as the time of a request, is collected here. Collected charges are
sent in steps, so that a request needs no round trip of its own.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from dataclasses import dataclass

from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

ANSWER_SECONDS = 0.3  # timeout of a counter in Redis
AWAY_SECONDS = 5.0  # pause after Redis did not answer
# Accounts with collected charges between two steps; above this number the oldest are dropped.
MOST_COLLECTED = 50_000

logger = logging.getLogger(__name__)

Account = tuple[str, str]  # the name of the budget, and the person, network or device that uses it


@dataclass(frozen=True)
class Budget:
    """An amount in a period. `step`: the portion in which later charges go to the counters."""

    limit: RateLimitItem
    step: int = 1

    def times(self, factor: int) -> Budget:
        limit = self.limit
        return Budget(type(limit)(limit.amount * factor, limit.multiples), self.step * factor)


class RateLimiter:
    """Charges budgets. While Redis is away, every process counts for itself."""

    def __init__(self, redis_url: str | None, key_prefix: str = "chat:limits"):
        self._alone = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._together: SlidingWindowCounterRateLimiter | None = None
        if redis_url:
            self._together = SlidingWindowCounterRateLimiter(_redis(redis_url, key_prefix))
        self._away_until = 0.0
        self._collected: OrderedDict[Account, int] = OrderedDict()
        self._refused_until: OrderedDict[Account, float] = OrderedDict()

    def retry_after(self, name: str, who: str) -> int:
        """Return the seconds until an exhausted budget is available again; else 0.

        Reads only the refusals that `charge_afterwards` recorded, and asks no counter.
        """
        until = self._refused_until.get((name, who))
        if until is None:
            return 0
        if (left := until - time.monotonic()) > 0:
            return max(1, round(left))
        self._refused_until.pop((name, who), None)
        return 0

    def charge(self, name: str, budget: Budget, who: str, amount: int = 1) -> int:
        """Charge before the work; return 0 if the work may be done, else the seconds to wait."""
        return self.retry_after(name, who) or self._hit(name, budget, who, amount)

    def check(self, name: str, budget: Budget, who: str, amount: int = 1) -> int:
        """Return 0 if so much of the budget is left, else the seconds to wait; charge nothing."""
        return self.retry_after(name, who) or self._hit(name, budget, who, amount, charges=False)

    def left(self, name: str, budget: Budget, who: str) -> tuple[int, int]:
        """Return the amount that is left, and the seconds until more is available."""
        if self._together and time.monotonic() >= self._away_until:
            try:
                return _left(self._together, budget, name, who)
            except RedisError as error:
                self._count_alone(error)
        return _left(self._alone, budget, name, who)

    def charge_afterwards(self, name: str, budget: Budget, who: str, amount: int) -> None:
        """Charge an amount that was used already.

        Once the budget is used up, `charge` and `retry_after` refuse further work.
        """
        account = (name, who)
        amount += self._collected.pop(account, 0)
        if amount < budget.step:
            self._collected[account] = amount
            if len(self._collected) > MOST_COLLECTED:
                self._collected.popitem(last=False)
        elif seconds := self._hit(name, budget, who, min(amount, budget.limit.amount)):
            self._refused_until[account] = time.monotonic() + seconds
            if len(self._refused_until) > MOST_COLLECTED:
                self._refused_until.popitem(last=False)

    def _hit(
        self, name: str, budget: Budget, who: str, amount: int, *, charges: bool = True
    ) -> int:
        if self._together and time.monotonic() >= self._away_until:
            try:
                return _hit(self._together, budget, (name, who), amount, charges=charges)
            except RedisError as error:
                self._count_alone(error)
        return _hit(self._alone, budget, (name, who), amount, charges=charges)

    def _count_alone(self, error: RedisError) -> None:
        self._away_until = time.monotonic() + AWAY_SECONDS
        reason = {"reason": type(error).__name__}
        logger.warning("rate limits are counted by each process for now", extra=reason)


def _hit(
    limiter: SlidingWindowCounterRateLimiter,
    budget: Budget,
    account: Account,
    amount: int,
    *,
    charges: bool,
) -> int:
    use = limiter.hit if charges else limiter.test
    if use(budget.limit, *account, cost=amount):
        return 0
    return _left(limiter, budget, *account)[1]


def _left(
    limiter: SlidingWindowCounterRateLimiter, budget: Budget, name: str, who: str
) -> tuple[int, int]:
    window = limiter.get_window_stats(budget.limit, name, who)
    return window.remaining, max(1, round(window.reset_time - time.time()))


def _redis(url: str, key_prefix: str) -> Storage:
    pool = ConnectionPool.from_url(
        url,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return RedisStorage(url, pool, key_prefix)
