"""Find people."""

from __future__ import annotations

from collections.abc import Iterable

from chat.controllers import access
from chat.models.administrators import active as active_administrators
from chat.models.document import Id, id_from
from chat.models.user import User
from chat.models.user_search import LONGEST_LIST, people_found
from chat.utils.folding import fold_name
from chat.utils.name_keys import beginnings_of, keys_of

MOST_FOUND = LONGEST_LIST


def search(beginning: str) -> list[User]:
    """Return people with a name or title that begins with `beginning`, MOST_FOUND at most.

    Leaves out deactivated accounts. People with such a title are behind those with such a name.
    """
    return people_found(beginning, lambda user: user.is_active)


def administrators(beginning: str = "") -> list[User]:
    """Return the active administrators, or those with a name that begins so, by name.

    MOST_FOUND at most.
    """
    found = User.find_many(active_administrators()).values()
    words = beginnings_of(beginning)
    called = (user for user in found if _is_called(user, words))
    return sorted(called, key=lambda user: fold_name(user.display_name))[:MOST_FOUND]


def _is_called(user: User, words: list[str]) -> bool:
    keys = keys_of(user.username, user.display_name)
    return all(any(key.startswith(word) for key in keys) for word in words)


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
