"""PASSWORDS: whether people can sign in with a password, or only by a provider.

Somebody who has no password proves who they are by having signed in just now.
"""

from __future__ import annotations

from datetime import timedelta

from chat import extensions
from chat.controllers.visitors import Visitor
from chat.models.document import Id
from chat.models.identity import Identity
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.errors import Forbidden
from chat.utils.translation import _

JUST_NOW = timedelta(minutes=10)


def has_password(person: User) -> bool:
    """Return whether the person has a password that counts here."""
    return person.has_password and extensions.settings().passwords


def of_directory(people: list[User]) -> set[Id]:
    """Return whose password the directory has, and not the chat."""
    directory = extensions.settings().directory
    ids = [user.id for user in people if not user.has_password]
    return Identity.owners_among(ids, directory.provider.id) if directory and ids else set()


def resettable(people: list[User]) -> set[Id]:
    """Return who of some people could choose a password by a link from an administrator."""
    if not extensions.settings().passwords:
        return set()
    return {user.id for user in people if user.is_active} - of_directory(people)


def directory_name() -> str:
    """Return what pages call the directory; an empty text where there is none."""
    directory = extensions.settings().directory
    return directory.provider.label if directory else ""


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
