"""The deadline of an event or request, which all its operations and waits share."""

from __future__ import annotations

import math
import time
from contextvars import ContextVar
from typing import Any

import pymongo

# The time limit of one operation. When it is over, the outcome is unknown and the person receives
# `unavailable`.
OPERATION_SECONDS = 4
# The time limit of all operations of one event or request. So a caller that waits behind another
# one still gets an answer within 5 s.
DEADLINE_SECONDS = 3.0
# The least time for a caller that waited behind others. A database that has just come back is
# busy: less time makes its operations fail.
LEAST_SECONDS = 1.0

_until: ContextVar[float] = ContextVar("until", default=math.inf)  # by the monotonic clock


def seconds_left() -> float | None:
    """Return the seconds until the current deadline; None when there is none."""
    until = _until.get()
    if until == math.inf:
        return None
    return max(0.0, until - time.monotonic())


class Deadline:
    """A context manager for a deadline. An enclosing deadline that ends earlier still counts.

    `since`: the monotonic time at which the caller began to wait. The deadline counts from then,
    but leaves LEAST_SECONDS at least. Every event enters a deadline, so this is a class, which is
    faster than a generator.
    """

    __slots__ = ("_before", "_of_driver", "_until")

    def __init__(self, since: float | None = None):
        moment = time.monotonic()
        seconds = DEADLINE_SECONDS
        if since is not None:
            seconds = max(LEAST_SECONDS, since + DEADLINE_SECONDS - moment)
        self._until = moment + seconds
        self._of_driver = pymongo.timeout(seconds)

    def __enter__(self) -> None:
        self._before = _until.set(min(_until.get(), self._until))
        self._of_driver.__enter__()

    def __exit__(self, *raised: Any) -> None:
        self._of_driver.__exit__(*raised)
        _until.reset(self._before)
