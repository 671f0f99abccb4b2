"""Count the reports that nobody has taken, for the administrators whom they concern."""

from __future__ import annotations

from chat.models.report import Report
from chat.models.user import User


def concern(person: User) -> bool:
    """Return whether the person looks after reports, and has the second factor this needs."""
    return person.may("look after reports") and not person.lacks_second_factor()


def count(person: User) -> int:
    """Return how many reports nobody has taken; 0 for whom they do not concern."""
    return Report.count_open() if concern(person) else 0
