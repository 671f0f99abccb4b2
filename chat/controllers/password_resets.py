"""Let a person who forgot the password choose a new one, by a link from an administrator."""

from __future__ import annotations

import logging
from dataclasses import replace

from chat.controllers import (
    access,
    audit,
    broadcasts,
    password_setting,
    security_mails,
    sessions,
    turns,
)
from chat.controllers.new_passwords import hash_new
from chat.controllers.password_setting import require_passwords_for
from chat.controllers.visitors import Visitor
from chat.models.audit import actions
from chat.models.document import Id
from chat.models.reset_link import ResetLink
from chat.models.user import User
from chat.utils.errors import Conflict, Forbidden, Gone, NotFound
from chat.utils.translation import _

logger = logging.getLogger(__name__)


def make(person: User, user_id: str) -> tuple[ResetLink, str]:
    """Make a link for somebody, which replaces earlier ones. Return it, and its token.

    Raises Forbidden, NotFound, Conflict.
    """
    person.must("look after people")
    user = access.user(user_id)
    if password_setting.of_directory([user]):
        name = password_setting.directory_name()
        raise Conflict(_("{provider} has this person’s password. Change it there.", provider=name))
    return make_for(user, person)


def make_for(user: User, by: User | None = None) -> tuple[ResetLink, str]:
    """Make a link for a person. `by`: None for an operator with a shell on the machine.

    Raises Conflict for a deactivated account, Forbidden where passwords are off.
    """
    require_passwords_for(user, by)
    if user.is_bot:
        raise Conflict(_("A bot has no password."))
    if not user.is_active:
        raise Conflict(_("This account is deactivated. Activate it first."))
    link, token = ResetLink.make(user.id, by.id if by else None)
    logger.info(
        "a reset link was made",
        extra={"user_id": str(user.id), "made_by": str(by.id) if by else "an operator"},
    )
    audit.note(actions.ACCOUNT_RESET_LINK, by, user_id=user.id)
    return link, token


def show(token: str) -> User:
    """Return whose password a link changes. Raises NotFound, Gone, Forbidden."""
    link = ResetLink.of_token(token)
    user = User.find_now(link.user_id) if link else None
    if link is None or user is None:
        raise NotFound(_("This link doesn’t work. Ask an administrator for a new one."))
    maker = User.find_now(link.made_by) if link.made_by else None
    if link.is_over or not _may_still_make(link.made_by):
        raise _over()
    require_passwords_for(user, maker)
    if not user.is_active:
        raise Forbidden(sessions.DEACTIVATED)
    return user


def use(token: str, password: str, visitor: Visitor) -> User:
    """Change the password, and sign the person out everywhere. Return the person, to sign in.

    A second factor stays on. Raises NotFound, Gone, Forbidden, ValidationFailed, RateLimited.
    """
    user = show(token)  # before the work for the password
    with turns.PASSWORDS.turn(turns.STRANGERS, visitor.network, visitor.has_hung_up):
        hashed = hash_new("new_password", password, user.username, user.display_name)
    user = show(token)
    if not ResetLink.use(token):
        raise _over()
    if not user.change_password_hash(hashed):
        raise _over()
    ResetLink.forget_of(user.id, but=token)
    broadcasts.user_changed(user.id)
    logger.info("a password was reset", extra={"user_id": str(user.id)})
    sessions.end_all_of(user)
    security_mails.password_changed(user)
    return replace(user, password_hash=hashed)


def _may_still_make(made_by: Id | None) -> bool:
    """Return whether the one who made a link could make it now; None is an operator."""
    if made_by is None:
        return True
    maker = User.find_now(made_by)
    return maker is not None and maker.is_active and maker.may("look after people")


def _over() -> Gone:
    return Gone(_("This link is over. Ask an administrator for a new one."))
