"""Sign in and out. A session is a device; its tokens only name it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import NamedTuple

from chat.controllers import access, accounts, broadcasts, security_mails
from chat.controllers.password_setting import require_passwords
from chat.controllers.visitors import Visitor
from chat.models import second_factor
from chat.models.api_token import ApiToken
from chat.models.document import Id
from chat.models.peers.change_notices import ChangeNotice
from chat.models.push_subscription import PushSubscription
from chat.models.session import Session
from chat.models.user import User
from chat.utils import metrics
from chat.utils.errors import Unauthenticated
from chat.utils.fair_queue import never
from chat.utils.sentences import N_
from chat.utils.translation import _

SIGNED_OUT = N_("You were signed out; sign in again.")
DEACTIVATED = N_("This account is deactivated. Ask an administrator.")

# Devices of one person. To sign in on one more ends the session that was used longest ago.
MOST_DEVICES = 100

logger = logging.getLogger(__name__)


class SignedIn(NamedTuple):
    """A person, and their session."""

    user: User
    session: Session


def begin(user: User, device: str) -> SignedIn:
    """Begin a session for somebody whose account has just been created."""
    session = Session.begin(user.id, device)
    metrics.sign_ins.labels("ok").inc()
    logger.info(
        "somebody signed in", extra={"user_id": str(user.id), "session_id": str(session.id)}
    )
    return SignedIn(user, session)


def check_password(username: str, password: str, visitor: Visitor) -> User:
    """Return the person with this name and password.

    Raises Unauthenticated, RateLimited, Forbidden.
    """
    require_passwords()
    user = accounts.authenticate(username, password, visitor)
    # Only now: without the password nobody learns that there is an account, or was.
    must_be_active(user)
    if user.username.casefold() != username.casefold():
        sentence = _("Your username was changed to {name}. Sign in with it.", name=user.username)
        raise Unauthenticated(sentence)
    return user


def enter(user: User, visitor: Visitor) -> SignedIn:
    """Begin a session for somebody who has just proved who they are. Raises Unauthenticated."""
    session = Session.begin(user.id, visitor.user_agent)
    must_still_stand(SignedIn(user, session))
    metrics.sign_ins.labels("ok").inc()
    for oldest in Session.of(user.id)[MOST_DEVICES:]:
        end(oldest)
    about = {"user_id": str(user.id), "session_id": str(session.id), "network": visitor.network}
    logger.info("somebody signed in", extra=about | {"known_device": visitor.device.knows(user)})
    return SignedIn(user, session)


def must_be_active(user: User) -> None:
    """Raise Unauthenticated if the account, or that of a bot's owner, is deactivated."""
    if not user.is_active:
        raise Unauthenticated(_("This bot was removed.") if user.is_bot else DEACTIVATED)
    if not user.has_active_owner():
        raise Unauthenticated(_("The owner of this bot is deactivated."))


def must_still_stand(begun: SignedIn) -> None:
    """End a session that began while the password changed or the account was deactivated.

    Whoever did that ended only the sessions that existed then. Raises Unauthenticated.
    """
    user = User.find_now(begun.user.id)
    if user is None or user.password_hash != begun.user.password_hash:
        end(begun.session)
        raise Unauthenticated(_("Wrong username or password."))
    if not user.is_active:
        end(begun.session)
        must_be_active(user)


def require(session_id: Id) -> SignedIn:
    """Return the session of an id, with its person.

    Raises Unauthenticated when the session is over, or the account is deactivated.
    """
    session = Session.find(session_id)
    if session and (user := User.find(session.user_id)):
        must_be_active(user)
        if not session.is_over:
            return SignedIn(user, session)
    raise Unauthenticated(SIGNED_OUT)


def refresh(session_id: Id, refresh_id: str, visitor: Visitor) -> SignedIn:
    """Return the session with its next refresh token.

    A device that repeats its request gets the same token again. Any other use of a used token means
    that the token was stolen or replayed, and ends the session. Raises Unauthenticated.
    """
    session = Session.find_now(session_id)
    user = require(session_id).user
    if session is None or session.revoked:
        raise Unauthenticated(SIGNED_OUT)
    if refresh_id == session.refresh_id and (rotated := session.rotate(visitor.key)):
        return SignedIn(user, rotated)
    session = Session.find_now(session.id) or session
    if session.may_repeat(refresh_id, visitor.key) and not session.revoked:
        return SignedIn(user, session)
    logger.warning(
        "a used refresh token came again; its session is revoked",
        extra={"session_id": str(session.id)},
    )
    end(session)
    raise Unauthenticated(SIGNED_OUT)


def end(session: Session) -> None:
    """Sign the device out, and close its sockets at once."""
    try:
        session.revoke()
        logger.info(
            "a session was ended",
            extra={"user_id": str(session.user_id), "session_id": str(session.id)},
        )
    finally:  # even after a failure the session may be revoked, so its sockets must close
        broadcasts.session_ended(session.id)
        PushSubscription.end_of_session(session.id)


def change_password(
    person: User, session: Session, current: str, new: str, has_hung_up: Callable[[], bool] = never
) -> None:
    """Change the password and sign out every other device of the person.

    Raises ValidationFailed, RateLimited, Conflict.
    """
    accounts.change_password(person, current, new, has_hung_up)
    end_others_of(person, session)
    security_mails.password_changed(person)


def end_one_of(person: User, session_id: str) -> None:
    """Sign out another device of the person. Raises NotFound.

    Remembered devices are forgotten: nobody knows which of them it is, and it may be stolen.
    """
    end(access.session(person, session_id))
    second_factor.forget_devices(person.id)


def end_others_of(person: User, session: Session) -> None:
    """Sign out every device of the person except the one of `session`; remember none."""
    second_factor.forget_devices(person.id)
    for other in Session.of(person.id):
        if other.id != session.id:
            end(other)


def end_all_of(person: User) -> None:
    """Sign out every device and program of the person; remember no device."""
    second_factor.forget_devices(person.id)
    for each in [*Session.of(person.id), *ApiToken.sessions_of(person.id)]:
        end(each)


def close_sockets_of_bots(owner: User) -> None:
    """Close the sockets of somebody's bots, which nobody can use without their owner."""
    for bot in User.bots_of(owner.id):
        for session in ApiToken.sessions_of(bot.id):
            ChangeNotice.store("session", session_id=session.id)
            broadcasts.session_ended(session.id)


def alike(person: User, session_id: str, current: Session) -> list[Session]:
    """Return the person's sessions of the same program as one of them, without `current`.

    The last used one is first. Raises NotFound.
    """
    device = access.session(person, session_id).device
    found = Session.of(person.id)
    return [each for each in found if each.device == device and each.id != current.id]


def end_alike(person: User, session_id: str, current: Session) -> None:
    """Sign out these sessions, as `end_one_of` does. Raises NotFound."""
    for session in alike(person, session_id, current):
        end(session)
    second_factor.forget_devices(person.id)


def list_of(person: User) -> list[Session]:
    """Return at most MOST_DEVICES sessions of a person, the last used first."""
    return Session.of(person.id)[:MOST_DEVICES]
