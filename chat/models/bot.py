"""A bot: an account without a password, under which a program writes, with tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from chat.models.user import User

MOST = 20  # of a person; removed ones do not count
OVERLAP = timedelta(days=1)  # so long older tokens stay valid beside a new one, unless it is said


class Bot(NamedTuple):
    """A bot, and the person who answers for it; None if that account is gone."""

    user: User
    owner: User | None

    @classmethod
    def of(cls, user: User) -> Bot:
        return cls(user, User.find(user.owner_id) if user.owner_id else None)
