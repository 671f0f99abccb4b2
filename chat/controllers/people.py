"""Finding people."""

from __future__ import annotations

from collections.abc import Iterable

from chat.controllers import access
from chat.models.document import id_from
from chat.models.user import User


def search(beginning: str) -> list[User]:
    """People with a name that begins so, 50 at most."""
    return User.search(beginning)


def show(user_id: str) -> User:
    """Raises NotFound."""
    return access.user(user_id)


def names_of(user_ids: Iterable[str]) -> dict[str, str]:
    """What people are called, by id; who does not exist is left out."""
    found = User.find_many({user_id for text in user_ids if (user_id := id_from(text))})
    return {str(user_id): user.label for user_id, user in found.items()}
