"""Turn the second factor on and off, use its codes, and help those who lost their phone."""

from __future__ import annotations

import logging
from typing import NamedTuple

from chat.controllers import access, accounts, audit, broadcasts, current_chat, security_mails
from chat.controllers.guesses import CodeGuess
from chat.controllers.visitors import Visitor
from chat.models import second_factor
from chat.models.audit import actions
from chat.models.passkey import Passkey
from chat.models.second_factor import SecondFactor
from chat.models.user import User
from chat.utils.errors import (
    ChatError,
    Conflict,
    Forbidden,
    Unauthenticated,
    ValidationFailed,
)
from chat.utils.sentences import N_
from chat.utils.translation import _

WRONG_CODE = N_("This code is wrong, or was used already. Use the next one.")
IS_ON = N_("Two-step sign-in is on already.")
IS_OFF = N_("Two-step sign-in is off.")

logger = logging.getLogger(__name__)


class Beginning(NamedTuple):
    """What an authenticator app needs. `uri`: both, as its QR code has it."""

    secret: str
    uri: str


def begin(person: User, password: str, visitor: Visitor) -> Beginning:
    """Make a secret, which `confirm` turns on. Raises ValidationFailed, Conflict, RateLimited."""
    accounts.must_know_password(person, password, visitor)
    factor = SecondFactor.begin(person.id)
    if factor is None:
        raise Conflict(IS_ON)
    return _beginning(person, factor)


def begun(person: User) -> Beginning:
    """Return what `begin` returned last. Raises Conflict if there is nothing to confirm."""
    return _beginning(person, _unconfirmed(person))


def confirm(person: User, code: str) -> list[str]:
    """Turn it on, by a first code. Return the recovery codes. Raises ValidationFailed, Conflict."""
    codes = _unconfirmed(person).confirm(code)
    if codes is None:
        raise ValidationFailed(fields={"otp": WRONG_CODE})
    _changed(person, "a second factor was turned on")
    return codes


def use(user: User, code: str, visitor: Visitor) -> None:
    """Use a code of somebody who signs in up. Raises Unauthenticated, RateLimited."""
    _use(user, code, visitor, Unauthenticated(WRONG_CODE, fields={"otp": WRONG_CODE}))


def renew_recovery_codes(person: User, password: str, code: str, visitor: Visitor) -> list[str]:
    """Replace the recovery codes. Raises ValidationFailed, Conflict, RateLimited."""
    codes = _must_prove(person, password, code, visitor).renew_recovery_codes()
    if codes is None:
        raise Conflict(IS_OFF)
    logger.info("recovery codes were renewed", extra={"user_id": str(person.id)})
    return codes


def turn_off(person: User, password: str, code: str, visitor: Visitor) -> None:
    """Turn it off, and forget the remembered devices.

    Raises ValidationFailed, Conflict, RateLimited.
    """
    _must_prove(person, password, code, visitor)
    if second_factor.remove(person.id, by_person=True):
        _changed(person, "a second factor was turned off")
        security_mails.second_factor_off(person)


def turn_off_for(person: User, user_id: str) -> User:
    """Turn it off for somebody who lost the phone, and remove their passkeys.

    They are told at the next sign-in.

    Raises Forbidden, NotFound, Conflict.
    """
    person.must("look after people")
    user = access.user(user_id)
    if user.id == person.id:
        raise Forbidden(_("Turn off your own in your settings."))
    return take_off(user, person)


def take_off(user: User, by: User | None = None) -> User:
    """Do the same, and remove the passkeys: the lost phone may have one.

    `by`: None for an operator with a shell on the machine. Raises Conflict.
    """
    had_factor = second_factor.remove(user.id, by_person=False)
    passkeys = Passkey.remove_all_of(user.id)
    if not had_factor:
        if not passkeys:
            raise Conflict(IS_OFF)
        second_factor.note_removal(user.id)
    about = {"by": str(by.id) if by else "an operator", "passkeys": str(passkeys)}
    _changed(user, "a second factor was taken off", **about)
    audit.note(actions.ACCOUNT_SECOND_FACTOR_OFF, by, user_id=user.id)
    if had_factor:
        security_mails.second_factor_off(user)
    return User.find_now(user.id) or user


def take_removal(user: User) -> bool:
    """Return whether somebody else turned it off since the last sign-in; True once."""
    return second_factor.take_removal(user.id)


def find(person: User) -> SecondFactor | None:
    """Return the second factor that is on; None while it is off."""
    factor = SecondFactor.find_now(person.id)
    return factor if factor and factor.since else None


def must_prove(person: User, password: str, code: str, visitor: Visitor) -> None:
    """Raise ValidationFailed, RateLimited unless it is the person: by a code, too, where it is on.

    `code`: of the app, or a recovery code; empty for none.
    """
    accounts.must_know_password(person, password, visitor)
    if find(person) is None:
        return
    if not code:
        raise ValidationFailed(fields={"otp": _("Enter a code from your app, or a recovery code.")})
    _use(person, code, visitor, ValidationFailed(fields={"otp": WRONG_CODE}))


def _must_prove(person: User, password: str, code: str, visitor: Visitor) -> SecondFactor:
    accounts.must_know_password(person, password, visitor)
    return _use(person, code, visitor, ValidationFailed(fields={"otp": WRONG_CODE}))


def _use(user: User, code: str, visitor: Visitor, wrong: ChatError) -> SecondFactor:
    factor = find(user)
    if factor is None:
        raise Conflict(IS_OFF)
    guess = CodeGuess(visitor, user.username, is_known=visitor.device.knows(user))
    guess.begin()
    if not factor.use(code):
        guess.was_wrong()
        logger.info(
            "a code of a second factor was wrong",
            extra={"network": visitor.network, "user_id": str(user.id)},
        )
        raise wrong
    return factor


def _unconfirmed(person: User) -> SecondFactor:
    factor = SecondFactor.find_now(person.id)
    if factor and factor.since:
        raise Conflict(IS_ON)
    if factor is None:
        raise Conflict(_("Start again: there is nothing to confirm."))
    return factor


def _beginning(person: User, factor: SecondFactor) -> Beginning:
    return Beginning(factor.secret(), factor.uri(person.username, current_chat.find().name))


def _changed(user: User, what: str, **about: str) -> None:
    broadcasts.user_changed(user.id)
    logger.info(what, extra={"user_id": str(user.id), **about})
