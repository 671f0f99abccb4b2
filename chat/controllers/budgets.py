"""Charge budgets: how much a person or a network may use. Most are charged before the work.

Refused input is charged, too. chat/utils/configuration/rate_limits.py defines the size of each
budget, and whether it belongs to a person or to the network of a request. An IPv6 user has a whole
/64 of addresses, so a /64 counts as one network. The /48 around it may use ten times as much.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from limits import parse

from chat import extensions
from chat.models.document import Id
from chat.realtime.addresses import REMEMBERED, WIDER, network_of, wider_network_of
from chat.utils import metrics
from chat.utils.errors import RateLimited
from chat.utils.rate_limiter import Budget, RateLimiter
from chat.utils.translation import ngettext
from config import Settings

STEPS = {  # amounts charged afterwards reach the counters in portions
    "bytes answered": 1_000_000,
    "picture bytes": 5_000_000,
    "a person's time": 250_000,
    "a network's time": 500_000,
    "strangers' time": 250_000,
}
MOMENT, HOUR = 120, 3600  # seconds
SLOW_SECONDS = 3.0  # delay of a refusal to somebody who has used up a budget of time
# This budget is multiplied by the number of processes. People in an office share one address, and
# more processes have more CPU time for them.
OF_EACH_PROCESS = "a network's time"

_budgets: dict[str, Budget] = {}
_wider: dict[str, Budget] = {}
_limiters: list[RateLimiter] = []


class Quota(NamedTuple):
    """The size of a budget."""

    amount: int
    seconds: int  # of the window in which the amount may be used


@dataclass(frozen=True)
class Network:
    """The network that a request comes from: an IPv4 address, or an IPv6 /64.

    `wider`: the /48 around a /64.
    """

    name: str
    wider: str | None


Who = Id | Network | str


def set_up(settings: Settings) -> None:
    """Create the budgets that `settings` define.

    Chats that share a Redis count separately, because each chat's secret determines the prefix of
    its keys.
    """
    for name, amount in settings.limits.items():
        limit = parse(amount)
        _budgets[name] = Budget(limit, min(STEPS.get(name, 1), max(1, limit.amount // 10)))
    _budgets[OF_EACH_PROCESS] = _budgets[OF_EACH_PROCESS].times(settings.workers)
    _wider.update({name: budget.times(WIDER) for name, budget in _budgets.items()})
    chat = hashlib.blake2b(
        settings.jwt_secret.encode(), digest_size=8, person=b"limits"
    ).hexdigest()
    _limiters[:] = [RateLimiter(settings.redis_url, f"chat:{chat}:limits")]


@lru_cache(REMEMBERED)
def network(address: str | None) -> Network:
    return Network(network_of(address or ""), wider_network_of(address or ""))


def network_named(name: str) -> Network:
    """Return the network with a name from `addresses.network_of`."""
    return Network(name, wider_network_of(name.partition("/")[0]))


def charge(name: str, who: Who, amount: int = 1) -> None:
    """Charge a budget before the work.

    Raises RateLimited, with the seconds to wait, when too little is left.
    """
    if extensions.settings().rate_limits:
        for account, budget in _accounts(name, who):
            if seconds := _limiters[0].charge(name, budget, account, amount):
                raise _refusal(name, seconds)


def check(name: str, who: Who, amount: int = 1) -> None:
    """Raise RateLimited when less than an amount of a budget is left; charge nothing."""
    if extensions.settings().rate_limits:
        for account, budget in _accounts(name, who):
            if seconds := _limiters[0].check(name, budget, account, amount):
                raise _refusal(name, seconds)


def charge_afterwards(name: str, who: Who, amount: int) -> None:
    """Charge an amount that is known only after the work.

    This never raises. If the budget is used up, `require` and `charge` refuse the next request.
    """
    if extensions.settings().rate_limits:
        for account, budget in _accounts(name, who):
            _limiters[0].charge_afterwards(name, budget, account, amount)


def retry_after(name: str, who: Who) -> int:
    """Return the seconds until some of a budget is left; 0 if some is left now.

    Use this for budgets that are charged afterwards. It sends no query.
    """
    if not extensions.settings().rate_limits:
        return 0
    return max(_limiters[0].retry_after(name, account) for account, _ in _accounts(name, who))


def require(name: str, who: Who) -> None:
    """Raise RateLimited while a budget that is charged afterwards is used up.

    Wait SLOW_SECONDS before raising, because a refusal costs CPU time, too.
    """
    if seconds := retry_after(name, who):
        slow_down()
        raise _refusal(name, seconds)


def quota(name: str) -> Quota:
    """Return the size of a budget."""
    limit = _budgets[name].limit
    return Quota(limit.amount, limit.get_expiry())


def left(name: str, who: Who) -> tuple[int, int]:
    """Return how much of a budget is left, and the seconds until more is left."""
    account, budget = _accounts(name, who)[0]
    return _limiters[0].left(name, budget, account)


def check_time_of_strangers(network: Network) -> None:
    """Raise RateLimited, without waiting, while a network's strangers have used up their time."""
    if seconds := retry_after("strangers' time", network):
        raise _refusal("strangers' time", seconds)


def slow_down() -> None:
    """Make a caller wait, so that each connection of the caller sends few requests."""
    extensions.socketio.sleep(SLOW_SECONDS)


def require_time(person_id: Id | str, address: str | None) -> None:
    """Raise RateLimited while a person, or their network's signed-in people, used up their time."""
    require("a person's time", person_id)
    require("a network's time", network(address))


def charge_time(person_id: Id | str, address: str | None, microseconds: int) -> None:
    """Charge the time that a request or event took, in microseconds."""
    charge_afterwards("a person's time", person_id, microseconds)
    charge_afterwards("a network's time", network(address), microseconds)


def _refusal(name: str, seconds: int) -> RateLimited:
    metrics.refusals.labels(name).inc()
    return RateLimited(_until_then(seconds), retry_after=seconds, budget=name)


def _until_then(seconds: int) -> str | None:
    """Return what is said of a limit that lasts; None where a moment is all."""
    if seconds >= HOUR:
        return ngettext(
            "Too many attempts. Try again in an hour.",
            "Too many attempts. Try again in {count} hours.",
            math.ceil(seconds / HOUR),
        )
    if seconds >= MOMENT:
        return ngettext(
            "Too many attempts. Try again in a minute.",
            "Too many attempts. Try again in {count} minutes.",
            math.ceil(seconds / 60),
        )
    return None


def _accounts(name: str, who: Who) -> list[tuple[str, Budget]]:
    if not isinstance(who, Network):
        return [(str(who), _budgets[name])]
    accounts = [(who.name, _budgets[name])]
    if who.wider:
        accounts.append((who.wider, _wider[name]))
    return accounts
