"""Limit how often passwords, and codes of the second factor, may be guessed.

A stranger's wrong guesses slow down strangers, but never a known device of the person.
"""

from __future__ import annotations

from chat.controllers import budgets
from chat.controllers.visitors import Visitor
from chat.utils import metrics

Counted = list[tuple[str, budgets.Who]]  # (name of a budget, the person or network to charge)


class Guess:
    """One attempt to sign in as `username`.

    `is_known`: whether the device is a known device of that person.
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
        """Count the attempt. Raises RateLimited."""
        for budget, who in self._each_time:
            budgets.charge(budget, who)
        self.check()

    def check(self) -> None:
        """Raise RateLimited if there were too many wrong passwords. Count nothing."""
        for budget, who in self._when_wrong:
            budgets.check(budget, who)

    def was_wrong(self) -> None:
        """Count a wrong password."""
        metrics.sign_ins.labels("failed").inc()
        for budget, who in self._when_wrong:
            budgets.charge_afterwards(budget, who, 1)


class PasskeyGuess(Guess):
    """One attempt to sign in by a passkey, which says by itself whose it is."""

    def __init__(self, visitor: Visitor, *, is_known: bool):
        network = budgets.network_named(visitor.network)
        self._each_time = [] if is_known else [("sign-ins of a network", network)]
        self._when_wrong = [] if is_known else [("wrong passwords of a network", network)]


class CodeGuess(Guess):
    """One attempt to send a code of the second factor, after the right password.

    A wrong one counts like a wrong password. Every one counts by the hour, before it is checked:
    six digits are guessed soon, and by many requests at a time.
    """

    def __init__(self, visitor: Visitor, username: str, *, is_known: bool):
        super().__init__(visitor, username, is_known=is_known)
        name = username.casefold()
        if is_known:
            self._each_time = [("codes of a device for a name", f"{visitor.key} {name}")]
        else:
            self._each_time = [("codes of strangers for a name", name)]
