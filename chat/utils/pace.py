"""Give each account a share of every second; who uses more gets delayed answers."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable
from typing import NamedTuple

MOST_REMEMBERED = 10_000  # accounts; above this number the least recently used are dropped


class _Used(NamedTuple):
    seconds: float
    at: float  # in time.monotonic()


class Pace:
    """Paces accounts: each has `share` of every second, and may run `burst` seconds ahead.

    No wait is longer than `longest` seconds.
    """

    def __init__(self, share: float, burst: float, longest: float):
        self._share = share
        self._burst = burst
        self._longest = longest
        self._used: OrderedDict[Hashable, _Used] = OrderedDict()

    def spend(self, who: Hashable, seconds: float) -> float:
        """Record used seconds; return the seconds to wait until the share of `who` covers them."""
        moment = time.monotonic()
        before = self._used.pop(who, None) or _Used(0.0, moment)
        used = max(0.0, before.seconds - (moment - before.at) * self._share) + seconds
        self._used[who] = _Used(used, moment)
        if len(self._used) > MOST_REMEMBERED:
            self._used.popitem(last=False)
        return min(self._longest, max(0.0, used - self._burst) / self._share)
