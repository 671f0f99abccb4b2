"""Who is asking: bearer tokens for programs, the same tokens in cookies for pages, one meaning.

Handlers find the answer in `g.person` and `g.session`.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask, Response, g, request
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    decode_token,
    get_jwt,
    get_jwt_request_location,
    set_access_cookies,
    set_refresh_cookies,
    unset_jwt_cookies,
    verify_jwt_in_request,
)
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.exceptions import PyJWTError

from chat import extensions
from chat.controllers import budgets, sessions
from chat.models.session import LIFETIME, Session
from chat.models.user import User
from chat.routes.charging import note_asker
from chat.utils.errors import Forbidden, Unauthenticated
from chat.utils.short_memory import ShortMemory
from config import Settings

ACCESS_SECONDS = 15 * 60
LONGEST_TOKEN = 2_000  # characters; ours have some 500
CLOCKS_APART = timedelta(minutes=5)  # of two machines, or of one before and after it was set: a token from the near future is good
ACCESS_COOKIE, REFRESH_COOKIE = "chat_access", "chat_refresh"
CSRF_COOKIE, CSRF_FIELD, CSRF_HEADER = "chat_csrf", "csrf_token", "X-CSRF-TOKEN"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
TOKEN_ERRORS = (JWTExtendedException, PyJWTError)
SIGN_IN = "Sign in to go on: the access token is missing, has ended, or is not valid."

jwt = JWTManager()
_verified: ShortMemory[str, dict[str, Any]] = ShortMemory(10_000, 60.0)  # verifying a signature costs half a millisecond


@dataclass(frozen=True)
class Pair:
    """An access token and the refresh token that goes with it."""

    access: str
    refresh: str

    @classmethod
    def of(cls, user: User, session: Session) -> Pair:
        # One CSRF value a session: a form that is open in one tab stays good when another tab renews the tokens.
        csrf = hmac.new(extensions.settings().jwt_secret.encode(), b"csrf" + session.id.binary, hashlib.sha256).hexdigest()
        claims = {"sid": str(session.id), "csrf": csrf}
        return cls(
            create_access_token(str(user.id), additional_claims=claims),
            create_refresh_token(str(user.id), additional_claims=claims | {"rid": session.refresh_id}),
        )


def set_up(app: Flask, settings: Settings) -> None:
    app.config.update(
        JWT_SECRET_KEY=settings.jwt_secret,
        JWT_ACCESS_TOKEN_EXPIRES=timedelta(seconds=ACCESS_SECONDS),
        JWT_REFRESH_TOKEN_EXPIRES=LIFETIME,
        JWT_DECODE_LEEWAY=CLOCKS_APART,  # of the ends too, which is why those of access tokens are looked at again
        JWT_TOKEN_LOCATION=["headers", "cookies"],
        JWT_ACCESS_COOKIE_NAME=ACCESS_COOKIE,
        JWT_REFRESH_COOKIE_NAME=REFRESH_COOKIE,
        JWT_ACCESS_CSRF_COOKIE_NAME=CSRF_COOKIE,
        JWT_REFRESH_CSRF_COOKIE_NAME=CSRF_COOKIE + "_refresh",
        JWT_ACCESS_CSRF_HEADER_NAME=CSRF_HEADER,
        JWT_COOKIE_SECURE=settings.secure,
        JWT_COOKIE_SAMESITE="Lax",
        JWT_COOKIE_CSRF_PROTECT=True,
        JWT_SESSION_COOKIE=False,
    )
    jwt.init_app(app)


# the JSON API


def require_person() -> None:
    """Before every request of the API that is somebody's. Raises Unauthenticated."""
    if request.method == "OPTIONS":
        return
    if claims := _claims_of_bearer():
        _remember(*sessions.resume(claims.get("sid")))
        return
    try:
        verify_jwt_in_request()
    except TOKEN_ERRORS as error:
        raise Unauthenticated(_why(error)) from error
    if _has_ended(get_jwt()):
        raise Unauthenticated(SIGN_IN)
    if request.method in UNSAFE and get_jwt_request_location() == "cookies":
        require_own_origin()
    _remember(*sessions.resume(get_jwt().get("sid")))


def _claims_of_bearer() -> dict[str, Any] | None:
    """The claims of the access token that was sent as bearer, if it is good. Whether its session is, is asked each time."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return _claims_of_access(token) if kind == "Bearer" else None


def refresh_by_bearer() -> tuple[User, Session]:
    """The session whose refresh token was sent as bearer, with its next one. Raises Unauthenticated."""
    try:
        verify_jwt_in_request(refresh=True, locations=["headers"])
    except TOKEN_ERRORS as error:
        raise Unauthenticated("This refresh token is not valid; sign in again.") from error
    claims = get_jwt()
    return sessions.refresh(claims.get("sid"), claims.get("rid"))


def _why(error: Exception) -> str:
    if "CSRF" in str(error):
        return "The request lacks the CSRF token that goes with its cookie; reload the page."
    return SIGN_IN


# sockets


def person_of_handshake(auth: object) -> tuple[User, Session]:
    """Who opens this socket: by `auth: {token}`, or by the page's cookie and then only from our own pages.

    Raises Unauthenticated, Forbidden for a foreign Origin.
    """
    token, cookie = auth.get("token") if isinstance(auth, dict) else None, request.cookies.get(ACCESS_COOKIE)
    if "Origin" in request.headers or (cookie and not token):
        require_own_origin()
    token = token or cookie
    claims = _claims_of_access(token) if isinstance(token, str) else None
    if claims is None:
        raise Unauthenticated
    return sessions.resume(claims.get("sid"))


# pages


def require_person_of_page() -> None:
    """Before every page that is somebody's, and before its body is read.

    An access token that has ended is renewed on the way. Raises Unauthenticated, Forbidden.
    """
    if request.method in UNSAFE:
        require_own_origin()
    if claims := _claims_of_access(request.cookies.get(ACCESS_COOKIE, "")):
        _remember(*sessions.resume(claims.get("sid")))
    else:
        renew()


def require_csrf_token() -> None:
    """Before every change by a page: its form was made for this session.

    The token is a field of the form, so this reads the body, of somebody who is known by then.
    Raises Unauthenticated, Forbidden.
    """
    if request.method not in UNSAFE:
        return
    # The access token may have ended since the form was shown: it still says which token the form was given.
    claims = _claims(request.cookies.get(ACCESS_COOKIE, ""), allow_expired=True)
    if claims is None:
        raise Unauthenticated
    sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD) or ""
    if not hmac.compare_digest(sent.encode(), str(claims.get("csrf")).encode()):
        raise Forbidden("This form is out of date: reload the page and try again.")


def renew() -> None:
    """The next pair of tokens for this browser, set as cookies with the answer. Raises Unauthenticated."""
    claims = _claims(request.cookies.get(REFRESH_COOKIE, ""))
    if claims is None or claims.get("type") != "refresh":
        raise Unauthenticated
    user, session = sessions.refresh(claims.get("sid"), claims.get("rid"), lenient=True)
    sign_in(user, session)


def sign_in(user: User, session: Session) -> None:
    """The answer to this request will carry the session's cookies."""
    _remember(user, session)
    g.new_pair = Pair.of(user, session)


def sign_out() -> None:
    """The answer to this request will take the cookies away."""
    g.signed_out = True


def csrf_token() -> str:
    """What the forms of this page must send back."""
    if pair := g.get("new_pair"):
        return str(decode_token(pair.access)["csrf"])
    return request.cookies.get(CSRF_COOKIE, "")


def set_cookies(response: Response) -> Response:
    if g.get("signed_out"):
        unset_jwt_cookies(response)
    elif pair := g.get("new_pair"):
        set_access_cookies(response, pair.access, max_age=int(LIFETIME.total_seconds()))
        set_refresh_cookies(response, pair.refresh, max_age=int(LIFETIME.total_seconds()))
    return response


def require_own_origin() -> None:
    """A browser says where a request comes from; only our own pages may use our cookies. Raises Forbidden.

    With a GET of our own pages (Socket.IO's polling) browsers send no Origin, but `Sec-Fetch-Site`, which scripts cannot set.
    """
    origin = request.headers.get("Origin")
    if origin is None and request.method == "GET" and request.headers.get("Sec-Fetch-Site") == "same-origin":
        return
    if origin not in extensions.settings().origins:
        raise Forbidden(f"This request does not come from a page of {extensions.settings().public_url}; check PUBLIC_URL.")


def _claims_of_access(token: str) -> dict[str, Any] | None:
    """The claims of an access token that is good and has not ended."""
    claims = _verified.recall(token, lambda: _claims(token))
    return claims if claims and claims.get("type") == "access" and not _has_ended(claims) else None


def _has_ended(claims: dict[str, Any]) -> bool:
    return bool(claims["exp"] <= time.time())


def _claims(token: str, *, allow_expired: bool = False) -> dict[str, Any] | None:
    if len(token) > LONGEST_TOKEN or not token.isascii():
        return None
    try:
        return dict(decode_token(token, allow_expired=allow_expired))
    except TOKEN_ERRORS:
        return None


def _remember(user: User, session: Session) -> None:
    """Raises RateLimited while this person's time is used up."""
    g.person, g.session = user, session
    note_asker(user.id)
    budgets.require_time(user.id, request.remote_addr)
