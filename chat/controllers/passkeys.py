"""Somebody's own passkeys: add, name, remove.

They are for people with a password of this chat. Who has none signs in by a provider or a
directory, which decides who may come in.
"""

from __future__ import annotations

import logging

from chat.controllers import access, passkey_challenges, second_factors, security_mails
from chat.controllers.devices import keyed
from chat.controllers.passkey_challenges import Beginning
from chat.controllers.password_setting import has_password, require_passwords
from chat.controllers.visitors import Visitor
from chat.models.passkey import MOST, Passkey, too_many
from chat.models.user import User
from chat.utils import webauthn
from chat.utils.errors import Conflict, Forbidden, NotFound
from chat.utils.sentences import N_
from chat.utils.translation import _
from chat.utils.webauthn import NotProved, Owner, Registration

NOT_MADE = N_("Your browser made no passkey that works here. Start again.")
LATE = N_("That took too long. Start again.")
_PURPOSE = "new passkey"

logger = logging.getLogger(__name__)


def list_of(person: User) -> list[Passkey]:
    """Return the person's passkeys, the oldest first."""
    return Passkey.of(person.id)


def begin(person: User, password: str, otp: str, visitor: Visitor) -> Beginning:
    """Let the person's browser make a passkey.

    Raises Forbidden, ValidationFailed, RateLimited, Conflict.
    """
    _must_have_password(person)
    second_factors.must_prove(person, password, otp, visitor)
    mine = Passkey.of(person.id)
    if len(mine) >= MOST:
        raise too_many()
    challenge = webauthn.new_challenge()
    options = webauthn.creation_options(
        passkey_challenges.site(),
        Owner(person.id.binary, person.username, person.display_name),
        challenge,
        [webauthn.id_of(each.credential()) for each in mine],
    )
    token = passkey_challenges.sign(_PURPOSE, challenge, _proof_of(person))
    return Beginning(token, options)


def add(person: User, token: str, answer: Registration, name: str) -> Passkey:
    """Add the passkey that the browser made. Raises Forbidden, Conflict."""
    _must_have_password(person)
    match passkey_challenges.read(_PURPOSE, token):
        case [challenge, proof] if proof == _proof_of(User.find_now(person.id) or person):
            made = _checked(person, challenge, answer)
        case _late:
            raise Conflict(LATE)
    if not passkey_challenges.use_up(challenge):
        raise Conflict(LATE)
    passkey = Passkey.add(person.id, made, name)
    logger.info("a passkey was added", extra=_about(person, passkey))
    security_mails.passkey_added(person)
    return passkey


def rename(person: User, passkey_id: str, name: str) -> Passkey:
    """Call a passkey otherwise. Raises NotFound."""
    renamed = access.passkey(person, passkey_id).rename(name)
    if renamed is None:
        raise NotFound(_("There is no such passkey."))
    return renamed


def remove(person: User, passkey_id: str) -> None:
    """Remove a passkey: it signs nobody in any more. Raises NotFound."""
    passkey = access.passkey(person, passkey_id)
    passkey.remove()
    logger.info("a passkey was removed", extra=_about(person, passkey))


def _must_have_password(person: User) -> None:
    require_passwords()
    if not has_password(person):
        raise Forbidden(_("Your account has no password here. Sign in as you did so far."))


def _checked(person: User, challenge: str, answer: Registration) -> webauthn.Credential:
    try:
        return webauthn.check_registration(passkey_challenges.site(), challenge, answer)
    except NotProved as error:
        about = {"user_id": str(person.id), "reason": str(error)}
        logger.info("a new passkey was refused", extra=about)
        raise Conflict(NOT_MADE) from None


def _proof_of(person: User) -> str:
    """Return what ends a beginning: that it is another person's, or of an earlier password."""
    return keyed(_PURPOSE, f"{person.id} {person.password_hash}")


def _about(person: User, passkey: Passkey) -> dict[str, str]:
    return {"user_id": str(person.id), "passkey_id": str(passkey.id)}
