"""How much somebody may use, whatever they use it for: the one table. Work is charged before it is done, refused input too.

A budget belongs to a person, or to the network that a request comes from: whoever has an IPv6 address has a whole /64 of
them, so that counts as one, and the /48 around it may use ten times as much.
"""

from __future__ import annotations

from dataclasses import dataclass

from limits import parse

from chat import extensions
from chat.models.document import Id
from chat.realtime.addresses import WIDER, network_of, wider_network_of
from chat.utils.errors import RateLimited
from chat.utils.rate_limiter import Budget, RateLimiter

# name: the budget
BUDGETS: dict[str, Budget] = {
    "register": Budget(parse("60 per hour")),           # a network: offices share one
    "log in from": Budget(parse("600 per minute")),     # a network, known devices included
    "sign-ins of a network": Budget(parse("120 per minute")),  # right ones, too, by devices that are not known
    "wrong passwords of a network": Budget(parse("30 per minute")),
    "wrong passwords of a network for a name": Budget(parse("10 per minute")),
    "wrong passwords of strangers for a name": Budget(parse("60 per minute")),  # from everywhere together
    "wrong passwords of a device for a name": Budget(parse("10 per minute")),
    "change password": Budget(parse("10 per minute")),  # a session: a stolen one guesses slowly
    "refresh": Budget(parse("600 per minute")),         # a network
    "send": Budget(parse("1000 per minute")),           # a person: far above anybody's typing
    "write": Budget(parse("600 per minute")),           # a person
    "search": Budget(parse("120 per minute")),          # a person: a page of results costs as much as many of history
    "profile": Budget(parse("120 per hour")),           # a person: a name is compared with others
    # What a person does to others; strangers share no room with them.
    "meet strangers": Budget(parse("20 per day")),
    "add members": Budget(parse("300 per day")),
    "open direct rooms": Budget(parse("100 per day")),
    "meet strangers as administrator": Budget(parse("200 per day")),
    "add members as administrator": Budget(parse("3000 per day")),
    "open direct rooms as administrator": Budget(parse("1000 per day")),
    # Bytes of answers: a page of fifty messages has some 50 kB.
    "bytes answered": Budget(parse("120000000 per minute"), step=1_000_000),  # a person
    "picture bytes": Budget(parse("600000000 per minute"), step=5_000_000),   # a person: pictures are made once, and only read
    # Microseconds of CPU that requests and events take, while nobody else of their process has a turn.
    "a person's time": Budget(parse("15000000 per minute"), step=250_000),
    "a network's time": Budget(parse("48000000 per minute"), step=500_000),  # of all who are signed in there, for each process
    "strangers' time": Budget(parse("10000000 per minute"), step=250_000),   # a network's requests without a session
}
SLOW_SECONDS = 3.0  # before who has used up a budget of time is answered
OF_EACH_PROCESS = ("a network's time",)  # offices sit behind one address, and with more processes there is more of it

_budgets: dict[str, Budget] = {}
_wider: dict[str, Budget] = {}
_limiters: list[RateLimiter] = []


@dataclass(frozen=True)
class Network:
    """Where a request comes from: an address, or a /64; `wider`: the /48 around it, if it is IPv6."""

    name: str
    wider: str | None


Who = Id | Network | str


def set_up(redis_url: str | None, workers: int) -> None:
    _budgets.update(BUDGETS | {name: BUDGETS[name].times(workers) for name in OF_EACH_PROCESS})
    _wider.update({name: budget.times(WIDER) for name, budget in _budgets.items()})
    _limiters[:] = [RateLimiter(redis_url)]


def network(address: str | None) -> Network:
    return Network(network_of(address or ""), wider_network_of(address or ""))


def network_named(name: str) -> Network:
    """Return the network that `addresses.network_of` calls so."""
    return Network(name, wider_network_of(name.partition("/")[0]))


def charge(name: str, who: Who, amount: int = 1) -> None:
    """Charge a budget before the work. Raises RateLimited, with the seconds to wait, when there is not so much left."""
    if extensions.settings().rate_limits:
        for account, budget in _accounts(name, who):
            if seconds := _limiters[0].charge(name, budget, account, amount):
                raise RateLimited(retry_after=seconds)


def check(name: str, who: Who) -> None:
    """Raises RateLimited when nothing of a budget is left; charges nothing."""
    if extensions.settings().rate_limits:
        for account, budget in _accounts(name, who):
            if seconds := _limiters[0].check(name, budget, account):
                raise RateLimited(retry_after=seconds)


def charge_afterwards(name: str, who: Who, amount: int) -> None:
    """Charge what is known only after the work. Never raises: what comes next is refused, by `require` and `charge`."""
    if extensions.settings().rate_limits:
        for account, budget in _accounts(name, who):
            _limiters[0].charge_afterwards(name, budget, account, amount)


def retry_after(name: str, who: Who) -> int:
    """Return the seconds until a budget that is charged afterwards has something left; 0 when it has. No round trip."""
    if not extensions.settings().rate_limits:
        return 0
    return max(_limiters[0].retry_after(name, account) for account, _ in _accounts(name, who))


def require(name: str, who: Who) -> None:
    """Raises RateLimited while a budget that is charged afterwards is used up, but not at once: a refusal costs time, too."""
    if seconds := retry_after(name, who):
        slow_down()
        raise RateLimited(retry_after=seconds)


def slow_down() -> None:
    """Make whoever asks wait, so that each of their connections can cost next to nothing."""
    extensions.socketio.sleep(SLOW_SECONDS)


def require_time(person_id: Id | str, address: str | None) -> None:
    """Raises RateLimited while a person, or all who are signed in from a network, have used up their time."""
    require("a person's time", person_id)
    require("a network's time", network(address))


def charge_time(person_id: Id | str, address: str | None, microseconds: int) -> None:
    """Charge the time that a request or event took."""
    charge_afterwards("a person's time", person_id, microseconds)
    charge_afterwards("a network's time", network(address), microseconds)


def _accounts(name: str, who: Who) -> list[tuple[str, Budget]]:
    if not isinstance(who, Network):
        return [(str(who), _budgets[name])]
    return [(who.name, _budgets[name]), *([(who.wider, _wider[name])] if who.wider else [])]
