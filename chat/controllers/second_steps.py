"""Sign in in two steps: the password first, then a code of the second factor.

Between the two, the browser keeps a token that the password was right. A remembered device leaves
the second step out. Both tokens name the password's hash, so that a new password ends them.
"""

from __future__ import annotations

import hmac
from datetime import timedelta

from chat.controllers import second_factors, sessions, signed_tokens
from chat.controllers.devices import Device, keyed
from chat.controllers.sessions import SignedIn
from chat.controllers.visitors import Visitor
from chat.models.document import id_from
from chat.models.second_factor import SecondFactor
from chat.models.user import User
from chat.utils.errors import Unauthenticated
from chat.utils.translation import _

STEP_LASTS = timedelta(minutes=5)
REMEMBERED_FOR = timedelta(days=30)
_STEP, _DEVICE = "second step", "remembered device"


def is_needed(user: User, device: Device, remembered: str) -> bool:
    """Return whether the person has to send a code, too. `remembered`: the device's token."""
    if not user.has_second_factor:
        return False
    factor = SecondFactor.find_now(user.id)
    said = signed_tokens.read(_DEVICE, remembered, REMEMBERED_FOR)
    if not factor or not factor.devices or len(said) != 1:
        return True
    return not hmac.compare_digest(said[0], _proof_of_device(user, device, factor.devices))


def begin(user: User) -> str:
    """Return a token that this person's password was right."""
    return signed_tokens.sign(_STEP, str(user.id), _proof_of_password(user))


def person_of(token: str) -> User:
    """Return the person whose password was right.

    Raises Unauthenticated when that is too long ago, or the password or the account changed.
    """
    match signed_tokens.read(_STEP, token, STEP_LASTS):
        case [user_id, proof]:
            found = id_from(user_id)
            user = User.find_now(found) if found else None
            if user and hmac.compare_digest(proof, _proof_of_password(user)):
                sessions.must_be_active(user)
                return user
    raise Unauthenticated(_("That took too long. Sign in again."))


def finish(token: str, code: str, visitor: Visitor) -> SignedIn:
    """Sign in the person of a token with a code. Raises Unauthenticated, RateLimited."""
    user = person_of(token)
    if user.has_second_factor:
        second_factors.use(user, code, visitor)
    return sessions.enter(user, visitor)


def remember(user: User, device: Device) -> str:
    """Return the token with which a device leaves the second step out, for REMEMBERED_FOR."""
    factor = SecondFactor.find_now(user.id)
    devices = factor.remember() if factor else ""
    return signed_tokens.sign(_DEVICE, _proof_of_device(user, device, devices))


def _proof_of_password(user: User) -> str:
    return keyed(_STEP, f"{user.id} {user.password_hash}")


def _proof_of_device(user: User, device: Device, devices: str) -> str:
    return keyed(_DEVICE, f"{user.id} {device.id} {user.password_hash} {devices}")
