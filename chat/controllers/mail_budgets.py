"""Charge the mails that somebody causes to the address that they go to.

Each purpose has a budget of its own. With a common one, other people's mails would keep somebody's
reset link away, and a refusal to one purpose would tell what was mailed for another.
"""

from __future__ import annotations

from chat.controllers import budgets
from chat.models import email_addresses

BUDGET = "mails to an address"


def charge(purpose: str, address: str) -> None:
    """Charge a mail. `address`: as `parsed` returns it. Raises RateLimited."""
    budgets.charge(BUDGET, _account(purpose, address))


def check(purpose: str, address: str) -> None:
    """Raise RateLimited where nothing is left for a mail; charge nothing."""
    budgets.check(BUDGET, _account(purpose, address))


def _account(purpose: str, address: str) -> str:
    return f"{purpose} {email_addresses.hash_of(address).hex()}"
