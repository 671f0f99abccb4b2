"""Counting how often somebody does something: in Redis, for all processes together; by oneself while it is away."""

from __future__ import annotations

import logging
import time

from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

ANSWER_SECONDS = 0.3   # nobody waits longer for a count
AWAY_SECONDS = 5.0     # for so long a server that did not answer is not asked again

logger = logging.getLogger(__name__)


class Counting:
    """Counts against limits. Counts of a time without Redis are this process's own."""

    def __init__(self, redis_url: str | None):
        self._alone = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._together = SlidingWindowCounterRateLimiter(_redis(redis_url)) if redis_url else None
        self._away_until = 0.0

    def seconds_to_wait(
        self, limit: RateLimitItem, deed: str, who: str, *, count: bool = True
    ) -> int:
        """0 when it may be done, and is counted unless `count` is false; else how long to wait."""
        if self._together and time.monotonic() >= self._away_until:
            try:
                return _seconds(self._together, limit, deed, who, count)
            except RedisError as error:
                self._away_until = time.monotonic() + AWAY_SECONDS
                logger.warning("rate limits are counted by each process for now", extra={"reason": type(error).__name__})
        return _seconds(self._alone, limit, deed, who, count)


def _seconds(
    limiter: SlidingWindowCounterRateLimiter, limit: RateLimitItem, deed: str, who: str, count: bool
) -> int:
    if (limiter.hit if count else limiter.test)(limit, deed, who):
        return 0
    return max(1, round(limiter.get_window_stats(limit, deed, who).reset_time - time.time()))


def _redis(url: str) -> Storage:
    pool = ConnectionPool.from_url(
        url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS, retry=Retry(NoBackoff(), 0)
    )
    return RedisStorage(url, pool, "chat:limits")
