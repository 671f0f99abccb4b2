"""Circuit breaker: after a failure, ping the database before admitting further callers.

So these callers fail after PING_SECONDS, and do not each wait for the full timeout. Perhaps the
operation failed only because it needed more time. Then the ping succeeds and closes the breaker.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

import pymongo
from pymongo.errors import PyMongoError

from chat.models.database.deadline import DEADLINE_SECONDS
from chat.models.database.errors import is_own_deadline
from chat.utils import metrics
from chat.utils.errors import Unavailable
from chat.utils.latch import Latch

OPEN_SECONDS = 3.0  # how long the breaker is open after a failure, unless a ping succeeds
# The timeout of a ping while the breaker is open. A healthy database answers in a hundredth of it.
PING_SECONDS = 0.5


class _Ping:
    """One ping, which several callers may wait for. `over` opens when its result is known."""

    __slots__ = ("over", "succeeded")

    def __init__(self) -> None:
        self.succeeded = False
        self.over = Latch()


class CircuitBreaker:
    """Admits callers while the database answers.

    The breaker calls `when_lost` after a failure in which the database may have lost data.
    """

    def __init__(self, ping: Callable[[], None], when_lost: Callable[[], None]):
        self.last_failure = "none"
        self._ping = ping
        self._when_lost = when_lost
        self._open_until = 0.0
        self._failed_at = -math.inf  # when an operation failed last
        self._ping_failed_at = -math.inf
        self._lock = threading.Lock()
        self._under_way: _Ping | None = None

    def admit(self, since: float | None) -> None:
        """Return when the database answers, as far as this process knows.

        `since`: the monotonic time at which the caller began to wait. A caller that was already
        waiting when a ping failed fails at once. So does a caller that waited DEADLINE_SECONDS
        behind a failure.
        Raises Unavailable, DatabaseError.
        """
        moment = time.monotonic()
        if since is not None and since < self._failed_at and moment - since >= DEADLINE_SECONDS:
            raise Unavailable(
                reason=f"waited {moment - since:.1f} s behind a failure of the database: "
                f"{self.last_failure}"
            )
        if moment < self._open_until:
            if since is not None and since < self._ping_failed_at:
                raise Unavailable(
                    reason=f"the database did not answer a ping since: {self.last_failure}"
                )
            self._ping_together()
            self._open_until = 0.0

    def failed(self, error: PyMongoError | str) -> None:
        """Open the breaker, because an operation failed.

        `error`: the driver's exception, or a sentence. An operation that only passed our own
        deadline does not prove that the database is broken: one request may ask for too much. So
        the next caller pings the database. After any other failure the database may have lost
        entries that this process knows.
        """
        metrics.database_failures.inc()
        self.last_failure = error if isinstance(error, str) else _described(error)
        self._open_until = time.monotonic() + OPEN_SECONDS
        if isinstance(error, str) or not is_own_deadline(error):
            self._failed_at = time.monotonic()
            self._when_lost()

    def _ping_together(self) -> None:
        """Ping the database, which has PING_SECONDS to answer.

        Callers that arrive during a ping share its result. Raises Unavailable, DatabaseError.
        """
        with self._lock:
            leads = self._under_way is None
            ping = self._under_way or _Ping()
            self._under_way = ping
        if leads:
            self._lead(ping)
        elif not (ping.over.wait(PING_SECONDS) and ping.succeeded):
            raise Unavailable(
                reason=f"the database did not answer a ping of another request: {self.last_failure}"
            )

    def _lead(self, ping: _Ping) -> None:
        try:
            with pymongo.timeout(PING_SECONDS):
                self._ping()
            ping.succeeded = True
        except PyMongoError as error:
            self._ping_failed_at = time.monotonic()
            self.failed(_described(error))
            raise
        finally:
            self._under_way = None
            ping.over.open()


def _described(error: PyMongoError) -> str:
    return f"{type(error).__name__}: {error}"[:500]
