"""A share of every second for each account: whoever uses more gets delayed answers."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable

MOST_REMEMBERED = 10_000  # accounts; beyond it the least recently used are dropped


class Pace:
    """Paces accounts: each has `share` of every second, and may run `burst` seconds ahead.

    No wait is longer than `longest` seconds.
    """

    def __init__(self, share: float, burst: float, longest: float):
        self._share = share
        self._burst = burst
        self._longest = longest
        # Seconds used, and when.
        self._used: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def spend(self, who: Hashable, seconds: float) -> float:
        """Record what `who` used; return the seconds to wait until their share covers it."""
        moment = time.monotonic()
        used, before = self._used.pop(who, (0.0, moment))
        used = max(0.0, used - (moment - before) * self._share) + seconds
        self._used[who] = used, moment
        if len(self._used) > MOST_REMEMBERED:
            self._used.popitem(last=False)
        return min(self._longest, max(0.0, used - self._burst) / self._share)
