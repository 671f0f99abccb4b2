"""PASSWORDS: whether people can sign in with a password, or only by a provider."""

from __future__ import annotations

from chat import extensions
from chat.models.user import User
from chat.utils.errors import Forbidden
from chat.utils.translation import _


def require_passwords() -> None:
    """Raise Forbidden, with a sentence that says how to sign in, where passwords are off."""
    settings = extensions.settings()
    if not settings.passwords:
        names = ", ".join(provider.label for provider in settings.providers)
        raise Forbidden(
            _("Passwords are off in this chat. Sign in with {providers}.", providers=names)
        )


def require_passwords_for(user: User, by: User | None) -> None:
    """Do the same, except where an operator lets an administrator in: when no provider answers.

    `by`: who does it; None for somebody with a shell on the machine.
    """
    if by is not None or not user.is_admin:
        require_passwords()
