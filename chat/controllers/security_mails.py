"""Mail people what changed about how they sign in, so that they notice what somebody else did.

Only to a proved address. No budget limits these mails: whoever uses it up would hide the last one.
"""

from __future__ import annotations

from collections.abc import Callable

from chat.controllers import letters, mails
from chat.models import email_addresses
from chat.models.user import User
from chat.utils.letters import Letter
from chat.utils.translation import spoken


def password_changed(user: User) -> None:
    """Tell somebody that the password of their account was changed, by whatever way."""
    _tell(user, letters.password_changed)


def passkey_added(user: User) -> None:
    """Tell somebody that their account has one more passkey."""
    _tell(user, letters.passkey_added)


def second_factor_off(user: User) -> None:
    """Tell somebody that their account has no second factor any more, whoever turned it off."""
    _tell(user, letters.second_factor_off)


def _tell(user: User, write: Callable[[User], Letter]) -> None:
    address = email_addresses.verified_address_of(user.id) if mails.are_on() else None
    if address:
        with spoken(letters.language_of(user)):
            mails.post("security", address, write(user), user.id)
