"""A share of every second for each: the answer to whoever uses more is delayed, and others have the rest."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable

MOST_REMEMBERED = 10_000  # accounts; then those give way that used something the longest ago


class Pace:
    """`share` of each second, `burst` seconds ahead of that, and never a wait of more than `longest` seconds."""

    def __init__(self, share: float, burst: float, longest: float):
        self._share, self._burst, self._longest = share, burst, longest
        self._used: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()  # seconds, and when

    def spend(self, who: Hashable, seconds: float) -> float:
        """Note what `who` has used; return the seconds to wait until so much was theirs."""
        moment = time.monotonic()
        used, before = self._used.pop(who, (0.0, moment))
        used = max(0.0, used - (moment - before) * self._share) + seconds
        self._used[who] = used, moment
        if len(self._used) > MOST_REMEMBERED:
            self._used.popitem(last=False)
        return min(self._longest, max(0.0, used - self._burst) / self._share)
