"""Sign in by a passkey, without a name: in place of the password, and of the code besides it."""

from __future__ import annotations

import logging
from typing import NamedTuple

from chat.controllers import passkey_challenges, sessions
from chat.controllers.guesses import PasskeyGuess
from chat.controllers.passkey_challenges import Beginning
from chat.controllers.password_setting import require_passwords
from chat.controllers.sessions import SignedIn
from chat.controllers.visitors import Visitor
from chat.models.passkey import Passkey
from chat.models.user import User
from chat.utils import webauthn
from chat.utils.encryption import CannotOpen
from chat.utils.errors import Unauthenticated
from chat.utils.sentences import N_
from chat.utils.translation import _
from chat.utils.webauthn import Assertion, NotProved

UNKNOWN = N_("This passkey is not known here. Sign in with your password.")
_PURPOSE = "sign-in by a passkey"

logger = logging.getLogger(__name__)


class _Owned(NamedTuple):
    passkey: Passkey
    user: User


def begin() -> Beginning:
    """Let a browser sign in somebody, whoever it is. Raises Forbidden."""
    require_passwords()
    challenge = webauthn.new_challenge()
    options = webauthn.request_options(passkey_challenges.site(), challenge)
    return Beginning(passkey_challenges.sign(_PURPOSE, challenge), options)


def log_in(token: str, answer: Assertion, visitor: Visitor) -> SignedIn:
    """Sign in the person of a passkey. Raises Unauthenticated, RateLimited, Forbidden.

    Nobody learns whether a passkey, or its account, is there.
    """
    require_passwords()
    match passkey_challenges.read(_PURPOSE, token):
        case [challenge]:
            pass
        case _late:
            raise Unauthenticated(_("That took too long. Try again."))
    found = _find(answer)
    guess = PasskeyGuess(visitor, is_known=found is not None and visitor.device.knows(found.user))
    guess.begin()
    try:
        user = _person_of(found, challenge, answer)
    except NotProved as error:
        guess.was_wrong()
        about = {"network": visitor.network, "user_id": found and str(found.user.id)}
        logger.info("a sign-in by a passkey failed", extra=about | {"reason": str(error)})
        raise Unauthenticated(UNKNOWN) from None
    return sessions.enter(user, visitor)


def _find(answer: Assertion) -> _Owned | None:
    passkey = Passkey.find_by_credential(answer.credential_id)
    user = User.find_now(passkey.user_id) if passkey else None
    return _Owned(passkey, user) if passkey and user else None


def _person_of(found: _Owned | None, challenge: str, answer: Assertion) -> User:
    """Return the person of a passkey, once its answer is checked and used up.

    Raises NotProved; Unauthenticated for a deactivated account.
    """
    if found is None:
        raise NotProved("there is no such passkey")
    passkey, user = found
    if answer.user_handle != user.id.binary:
        raise NotProved("it is for another account")
    sign_count = webauthn.check_assertion(
        passkey_challenges.site(), challenge, _credential(passkey), answer
    )
    if not passkey_challenges.use_up(challenge):
        raise NotProved("its challenge was answered before")
    sessions.must_be_active(user)
    if not user.has_password:
        raise NotProved("the account has no password any more")
    if not passkey.note_use(sign_count):
        about = {"user_id": str(user.id), "passkey_id": str(passkey.id), "count": sign_count}
        logger.warning("a passkey counts less than before, or was just removed", extra=about)
        raise NotProved("it is a copy, or gone")
    return user


def _credential(passkey: Passkey) -> bytes:
    try:
        return passkey.credential()
    except CannotOpen as error:
        raise NotProved(str(error)) from None
