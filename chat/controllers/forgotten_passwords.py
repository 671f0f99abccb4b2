"""Mail a reset link to somebody who forgot the password, where the chat sends mails.

The answer, and the time that it takes, are the same whether there is such an account, and whether
it has an address: what differs happens afterwards.
"""

from __future__ import annotations

import logging

from chat import extensions
from chat.controllers import letters, mail_budgets, mails
from chat.controllers.password_setting import directory_name, of_directory, require_passwords
from chat.extensions import socketio
from chat.models import email_addresses
from chat.models.reset_link import ResetLink
from chat.models.user import User
from chat.utils.email_addresses import parsed
from chat.utils.errors import NotFound, RateLimited
from chat.utils.translation import _, spoken

logger = logging.getLogger(__name__)


def ask(account: str) -> None:
    """Mail a link to the person of an account, soon.

    `account`: a username or an e-mail address. Raises NotFound where the chat sends no mails,
    Forbidden where passwords are off.
    """
    require_passwords()
    if not mails.are_on():
        raise NotFound(_("This chat sends no mails. Ask an administrator for a link."))
    socketio.start_background_task(_mail, account.strip())


def _mail(account: str) -> None:
    try:
        user = _person_of(account)
        address = email_addresses.verified_address_of(user.id) if user else None
        if user and user.is_active and address:
            _mail_to(user, address)
    except Exception:
        logger.exception("a reset link could not be mailed")


def _mail_to(user: User, address: str) -> None:
    try:
        mail_budgets.charge("reset link", address)
    except RateLimited:
        logger.info("too many mails to one address", extra={"user_id": str(user.id)})
        return
    with spoken(letters.language_of(user)):
        if of_directory([user]):
            letter = letters.password_elsewhere(user, directory_name())
            mails.post("password elsewhere", address, letter, user.id)
            return
        _link, token = ResetLink.make(user.id, None, is_mailed=True)
        url = f"{extensions.settings().public_url}/reset/{token}"
        mails.post("reset link", address, letters.reset_link(user, url), user.id)
    logger.info("a reset link was mailed", extra={"user_id": str(user.id)})


def _person_of(account: str) -> User | None:
    address = parsed(account)
    if address is None:
        return User.find_by_username(account)
    user_id = email_addresses.person_with_address(address)
    return User.find_now(user_id) if user_id else None
