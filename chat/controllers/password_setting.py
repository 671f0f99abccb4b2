"""PASSWORDS: whether people can sign in with a password, or only by a provider.

Somebody who has no password proves who they are by having signed in just now.
"""

from __future__ import annotations

from datetime import timedelta

from chat import extensions
from chat.controllers.visitors import Visitor
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.errors import Forbidden
from chat.utils.translation import _

JUST_NOW = timedelta(minutes=10)


def has_password(person: User) -> bool:
    """Return whether the person has a password that counts here."""
    return person.has_password and extensions.settings().passwords


def must_have_signed_in_lately(visitor: Visitor) -> None:
    """Raise Forbidden unless the visitor's session began just now."""
    since = visitor.signed_in_at
    if since is None or not timedelta() <= now() - since < JUST_NOW:
        raise Forbidden(_("Sign out and sign in again first. Then you have ten minutes for this."))


def require_passwords() -> None:
    """Raise Forbidden, with a sentence that says how to sign in, where passwords are off."""
    settings = extensions.settings()
    if not settings.passwords:
        names = ", ".join(provider.label for provider in settings.sign_on)
        raise Forbidden(
            _("Passwords are off in this chat. Sign in with {providers}.", providers=names)
        )


def require_passwords_for(user: User, by: User | None) -> None:
    """Do the same, except where an operator lets an administrator in: when no provider answers.

    `by`: who does it; None for somebody with a shell on the machine.
    """
    if by is not None or not user.is_admin:
        require_passwords()
