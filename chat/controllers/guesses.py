"""Limit how often passwords may be guessed.

A stranger's wrong guesses slow strangers down, never a device that the person signed in on.
"""

from __future__ import annotations

from chat.controllers import budgets
from chat.controllers.visitors import Visitor

Counted = list[tuple[str, budgets.Who]]  # a budget and whom it is charged to


class Guess:
    """One try to sign in as `username`.

    `is_known`: on a device that its person signed in on before.
    """

    def __init__(self, visitor: Visitor, username: str, *, is_known: bool):
        name = username.casefold()
        self._each_time: Counted = []
        self._when_wrong: Counted
        if is_known:
            self._when_wrong = [("wrong passwords of a device for a name", f"{visitor.key} {name}")]
            return
        network = budgets.network_named(visitor.network)
        self._each_time = [("sign-ins of a network", network)]
        self._when_wrong = [
            ("wrong passwords of a network", network),
            ("wrong passwords of a network for a name", f"{network.name} {name}"),
            ("wrong passwords of strangers for a name", name),
        ]

    def begin(self) -> None:
        """Count the try. Raises RateLimited."""
        for budget, who in self._each_time:
            budgets.charge(budget, who)
        self.check()

    def check(self) -> None:
        """Raise RateLimited when there were too many wrong ones; count nothing."""
        for budget, who in self._when_wrong:
            budgets.check(budget, who)

    def was_wrong(self) -> None:
        """Count a wrong password."""
        for budget, who in self._when_wrong:
            budgets.charge_afterwards(budget, who, 1)
