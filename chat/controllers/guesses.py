"""How often passwords may be guessed.

A stranger's wrong guesses slow strangers down, never a device that the person signed in on.
"""

from __future__ import annotations

from limits import RateLimitItem, parse

from chat import extensions
from chat.controllers.visitors import Visitor
from chat.utils.counting import Counting
from chat.utils.errors import RateLimited

Counted = list[tuple[str, str]]  # a budget and whom it is counted for

BUDGETS: dict[str, RateLimitItem] = {
    "sign-ins of a network": parse("120 per minute"),  # right ones, too: offices share an address
    "wrong passwords of a network": parse("30 per minute"),
    "wrong passwords of a network for a name": parse("10 per minute"),
    "wrong passwords of strangers for a name": parse("60 per minute"),  # from everywhere together
    "wrong passwords of a device for a name": parse("10 per minute"),
}

_counting: dict[str | None, Counting] = {}  # by the address of Redis


class Guess:
    """One try to sign in as `username`.

    `is_known`: on a device that its person signed in on before.
    """

    def __init__(self, visitor: Visitor, username: str, *, is_known: bool):
        name, network = username.casefold(), visitor.network
        self._each_time: Counted = [] if is_known else [("sign-ins of a network", network)]
        self._when_wrong: Counted = [
            ("wrong passwords of a network", network),
            ("wrong passwords of a network for a name", f"{network} {name}"),
            ("wrong passwords of strangers for a name", name),
        ]
        if is_known:
            self._when_wrong = [("wrong passwords of a device for a name", f"{visitor.key} {name}")]

    def begin(self) -> None:
        """Count the try. Raises RateLimited."""
        for budget, who in self._each_time:
            _require(_seconds_to_wait(budget, who))
        self.check()

    def check(self) -> None:
        """Raises RateLimited when there were too many wrong ones; counts nothing."""
        for budget, who in self._when_wrong:
            _require(_seconds_to_wait(budget, who, count=False))

    def was_wrong(self) -> None:
        """Count a wrong password."""
        for budget, who in self._when_wrong:
            _seconds_to_wait(budget, who)


def _require(seconds: int) -> None:
    if seconds:
        raise RateLimited(retry_after=seconds)


def _seconds_to_wait(budget: str, who: str, *, count: bool = True) -> int:
    settings = extensions.settings()
    if not settings.rate_limits:
        return 0
    if settings.redis_url not in _counting:
        _counting[settings.redis_url] = Counting(settings.redis_url)
    return _counting[settings.redis_url].seconds_to_wait(BUDGETS[budget], budget, who, count=count)
