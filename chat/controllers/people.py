"""Find people."""

from __future__ import annotations

from collections.abc import Iterable

from chat.controllers import access
from chat.models.document import Id, id_from
from chat.models.user import User
from chat.models.user_search import LONGEST_LIST, people_starting_with

MOST_FOUND = LONGEST_LIST


def search(beginning: str) -> list[User]:
    """Return people with a name that begins with `beginning`, MOST_FOUND at most.

    Leaves out deactivated accounts.
    """
    return people_starting_with(beginning, lambda user: user.is_active)


def show(user_id: str) -> User:
    """Return a person. Raises NotFound."""
    return access.user(user_id)


def find_many(user_ids: Iterable[Id]) -> list[User]:
    """Return people, without those who do not exist."""
    return list(User.find_many(user_ids).values())


def chosen(user_ids: Iterable[str]) -> list[User]:
    """Return people in the order of their ids, without those who do not exist."""
    ids = list(dict.fromkeys(found_id for text in user_ids if (found_id := id_from(text))))
    found = User.find_many(ids)
    return [found[user_id] for user_id in ids if user_id in found]


def names_of(user_ids: Iterable[str]) -> dict[str, str]:
    """Return people's names by id, without people who do not exist."""
    found = User.find_many({user_id for text in user_ids if (user_id := id_from(text))})
    return {str(user_id): user.label for user_id, user in found.items()}
