"""Signing in and out: a session is a device, its tokens only name it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from chat.controllers import access, accounts, broadcasts
from chat.controllers.visitors import Visitor
from chat.models.document import Id
from chat.models.session import Session
from chat.models.user import User
from chat.utils.errors import Unauthenticated
from chat.utils.fair_queue import never

SIGNED_OUT = "You were signed out; sign in again."

MOST_DEVICES = (
    100  # of a person; whoever signs in on one more is signed out where they were longest ago
)

logger = logging.getLogger(__name__)


def begin(user: User, device: str) -> Session:
    """A session for somebody whose account was made just now."""
    session = Session.begin(user.id, device)
    logger.info(
        "somebody signed in", extra={"user_id": str(user.id), "session_id": str(session.id)}
    )
    return session


def log_in(username: str, password: str, visitor: Visitor) -> tuple[User, Session]:
    """Sign in who has this name and password. Raises Unauthenticated, RateLimited."""
    user = accounts.authenticate(username, password, visitor)
    session = Session.begin(user.id, visitor.user_agent)
    # Only now: a password that was changed meanwhile signs every session out that was there, and this one was not yet.
    if User.password_hash_now(user.id) != user.password_hash:
        end(session)
        raise Unauthenticated("Wrong username or password.")
    for oldest in Session.of(user.id)[MOST_DEVICES:]:
        end(oldest)
    about = {"user_id": str(user.id), "session_id": str(session.id), "network": visitor.network}
    logger.info("somebody signed in", extra=about | {"known_device": visitor.device.knows(user)})
    return user, session


def speaker(session_id: Id) -> tuple[User, Session]:
    """Return whom this session speaks for. Raises Unauthenticated when it was revoked or ended."""
    session = Session.find(session_id)
    user = User.find(session.user_id) if session and not session.revoked else None
    if session is None or user is None:
        raise Unauthenticated(SIGNED_OUT)
    return user, session


def refresh(session_id: Id, refresh_id: str, visitor: Visitor) -> tuple[User, Session]:
    """Return the session with its next refresh token, the same one again to a device that repeats.

    A token that was used before is otherwise a stolen or replayed one, and ends the session.
    Raises Unauthenticated.
    """
    session = Session.fresh(session_id)
    if session is None or session.revoked:
        raise Unauthenticated(SIGNED_OUT)
    user, _ = speaker(session_id)
    if refresh_id == session.refresh_id and (rotated := session.rotate(visitor.key)):
        return user, rotated
    session = Session.fresh(session.id) or session
    if session.may_repeat(refresh_id, visitor.key) and not session.revoked:
        return user, session
    logger.warning(
        "a spent refresh token was used; its session is revoked",
        extra={"session_id": str(session.id)},
    )
    end(session)
    raise Unauthenticated(SIGNED_OUT)


def end(session: Session) -> None:
    """Signs the device out; its sockets hang up at once."""
    try:
        session.revoke()
        logger.info(
            "a session was ended",
            extra={"user_id": str(session.user_id), "session_id": str(session.id)},
        )
    finally:  # if nobody knows whether it is revoked, its sockets must find out
        broadcasts.hang_up(session.id)


def change_password(
    person: User, session: Session, current: str, new: str, has_hung_up: Callable[[], bool] = never
) -> None:
    """Change the password and sign out every other device of the person.

    Raises ValidationFailed, RateLimited.
    """
    accounts.change_password(person, current, new, has_hung_up)
    for other in Session.of(person.id):
        if other.id != session.id:
            end(other)


def end_one_of(person: User, session_id: str) -> None:
    """Signs out another device of the person. Raises NotFound."""
    end(access.session(person, session_id))


def list_of(person: User) -> list[Session]:
    """Return the devices somebody is signed in on, the one used last first: MOST_DEVICES at most."""
    return Session.of(person.id)[:MOST_DEVICES]
