"""API tokens: programs sign in with them, for a person or for a bot."""

from __future__ import annotations

import logging
from datetime import timedelta

from chat.controllers import access, sessions
from chat.controllers.one_by_one import for_each
from chat.controllers.sessions import SignedIn
from chat.models.api_token import MOST, ApiToken
from chat.models.session import Session
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.errors import Conflict, Forbidden, Unauthenticated
from chat.utils.sentences import N_
from chat.utils.translation import _

UNKNOWN = N_("This token is not valid: it was revoked, it expired, or it is not complete.")
PEOPLE_ALONE = N_("Only a person who is signed in can do this, not a token.")

logger = logging.getLogger(__name__)


def list_of(person: User) -> list[ApiToken]:
    """Return the person's tokens, the latest first."""
    return ApiToken.of(person.id)


def make(
    person: User, name: str, scopes: frozenset[str], lasts: timedelta | None
) -> tuple[ApiToken, str]:
    """Make a token of the person, and return it with its text, which nobody sees again.

    `lasts`: None for a token without an end. Raises Conflict, Forbidden.
    """
    if "admin" in scopes and not person.is_admin:
        raise Forbidden(_("Only an administrator’s token can have the scope “admin”."))
    if len(ApiToken.of(person.id)) >= MOST:
        raise Conflict(_("There are {most} tokens already; revoke one.", most=MOST))
    token, text = ApiToken.make(person.id, name, scopes, now() + lasts if lasts else None)
    about = {"user_id": str(person.id), "session_id": str(token.id), "scopes": sorted(scopes)}
    logger.info("an API token was made", extra=about)
    return token, text


def revoke(person: User, token_id: str) -> None:
    """End a token of the person, and its sockets at once. Raises NotFound."""
    end(access.api_token(person, token_id))


def end(token: ApiToken) -> None:
    """End a token, and its sockets at once."""
    if session := Session.find_now(token.id):
        sessions.end(session)


def sign_in(text: str) -> SignedIn:
    """Return the session of a token's text, with its person. Raises Unauthenticated."""
    session = ApiToken.session_of(text)
    if session is None or session.is_over:
        raise Unauthenticated(UNKNOWN)
    signed_in = sessions.require(session.id)
    ApiToken.note_use(session)
    return signed_in


def must_have(session: Session, scope: str | None) -> None:
    """Raise Forbidden unless the session may do what has this scope; None: only people may."""
    if session.may(scope):
        return
    if scope is None:
        raise Forbidden(PEOPLE_ALONE)
    raise Forbidden(_("This token lacks the scope “{scope}”.", scope=scope))


def end_expired() -> None:
    """End what has expired, so that its sockets close."""
    for_each(ApiToken.just_expired(), sessions.end, "an expired token could not be ended")
