"""Charge people who write to, add or invite strangers: people who share no room with them."""

from __future__ import annotations

from collections.abc import Iterable

from chat.controllers import budgets
from chat.models import circle
from chat.models.document import Id
from chat.models.user import User
from chat.utils.errors import RateLimited
from chat.utils.sentences import N_

SENTENCES = {
    "meet strangers": N_("You reached the daily limit of new people. Try again tomorrow."),
    "add members": N_("You reached the daily limit of added people. Try again tomorrow."),
    "open direct rooms": N_(
        "You reached the daily limit of new conversations. Try again tomorrow."
    ),
}


def charge_for_opening(person: User, people: Iterable[Id]) -> None:
    """Charge for a new direct room with some people. Raises RateLimited."""
    _charge("open direct rooms", person)
    _charge("meet strangers", person, len(circle.strangers(person.id, people)))


def charge_for_adding(person: User, user_id: Id) -> bool:
    """Charge for adding a person. Return whether that person is a stranger. Raises RateLimited."""
    _charge("add members", person)
    is_stranger = user_id in circle.strangers(person.id, {user_id})
    _charge("meet strangers", person, int(is_stranger))
    return is_stranger


def _charge(name: str, person: User, amount: int = 1) -> None:
    if not amount:
        return
    try:
        budget = f"{name} as administrator" if person.is_admin else name
        budgets.charge(budget, person.answerable_id, amount)
    except RateLimited as refused:
        raise RateLimited(
            SENTENCES[name], retry_after=refused.retry_after, budget=refused.budget
        ) from None
