"""Signing in and out: a session is a device, its tokens only name it."""

from __future__ import annotations

import logging

from chat.controllers import access, accounts, broadcasts
from chat.models.document import Id, id_from
from chat.models.session import Session
from chat.models.user import User
from chat.utils.errors import Unauthenticated

logger = logging.getLogger(__name__)


MOST_DEVICES = 100  # of a person; whoever signs in on one more is signed out where they were longest ago


def begin(user: User, device: str) -> Session:
    """A session for somebody whose account was made just now."""
    return Session.begin(user.id, device)


def log_in(username: str, password: str, device: str) -> tuple[User, Session]:
    """Who has this name and password, signed in. Raises Unauthenticated."""
    user = accounts.authenticate(username, password)
    session = Session.begin(user.id, device)
    # Only now: a password that was changed meanwhile signs every session out that was there, and this one was not yet.
    if User.password_hash_now(user.id) != user.password_hash:
        end(session)
        raise Unauthenticated("Wrong username or password.")
    for oldest in Session.of(user.id)[MOST_DEVICES:]:
        end(oldest)
    return user, session


def resume(session_id: object) -> tuple[User, Session]:
    """Who a token of this session speaks for. Raises Unauthenticated when it was revoked or has ended."""
    return speaker(id_from(session_id))


def speaker(session_id: Id | None) -> tuple[User, Session]:
    """The same, of a session that is known by its id."""
    session = Session.find(session_id) if session_id else None
    user = User.find(session.user_id) if session and not session.revoked else None
    if session is None or user is None:
        raise Unauthenticated("You were signed out; sign in again.")
    return user, session


def refresh(session_id: object, refresh_id: object, *, lenient: bool = False) -> tuple[User, Session]:
    """The session with its next refresh token.

    A token that was used before is a stolen or replayed one, and ends the session. `lenient` is for pages: two tabs
    that refresh at once are one browser, so the loser is given the winner's pair for ten seconds.
    Raises Unauthenticated.
    """
    found_id = id_from(session_id)
    session = Session.fresh(found_id) if found_id else None
    if session is None or session.revoked:
        raise Unauthenticated("You were signed out; sign in again.")
    user, _ = resume(session_id)
    if refresh_id == session.refresh_id and (rotated := session.rotate()):
        return user, rotated
    session = Session.fresh(session.id) or session
    if lenient and not session.revoked and session.just_left(str(refresh_id)):
        return user, session
    logger.warning("a spent refresh token was used; its session is revoked", extra={"session_id": str(session.id)})
    end(session)
    raise Unauthenticated("You were signed out; sign in again.")


def end(session: Session) -> None:
    """Signs the device out; its sockets hang up at once."""
    try:
        session.revoke()
    finally:  # if nobody knows whether it is revoked, its sockets must find out
        broadcasts.hang_up(session.id)


def change_password(person: User, session: Session, current: str, new: str) -> None:
    """Another password; every other device of the person is signed out. Raises ValidationFailed."""
    accounts.change_password(person, current, new)
    for other in Session.of(person.id):
        if other.id != session.id:
            end(other)


def end_one_of(person: User, session_id: str) -> None:
    """Signs out another device of the person. Raises NotFound."""
    end(access.session(person, session_id))


def list_of(person: User) -> list[Session]:
    return Session.of(person.id)
