"""Finding people."""

from __future__ import annotations

from chat.controllers import access
from chat.models.user import User


def search(beginning: str) -> list[User]:
    """People with a name that begins so, 50 at most."""
    return User.search(beginning)


def show(user_id: str) -> User:
    """Raises NotFound."""
    return access.user(user_id)
