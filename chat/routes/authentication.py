"""Authenticate requests: bearer tokens for programs, the same tokens in cookies for pages.

Both mean the same. Handlers find the result in `g.person` and `g.session`.
"""

from __future__ import annotations

import hmac
from typing import Any

from flask import Response, g, request
from flask_jwt_extended import set_access_cookies, set_refresh_cookies, unset_jwt_cookies

from chat import extensions
from chat.controllers import budgets, devices, sessions
from chat.controllers.sessions import SignedIn
from chat.models.document import id_from
from chat.models.session import LIFETIME, Session
from chat.routes import cookies, tokens, visitors
from chat.routes.cpu_time import charge_to
from chat.routes.tokens import CSRF_HEADER, Pair
from chat.utils.errors import Forbidden, Unauthenticated
from chat.utils.ttl_cache import TtlCache

CSRF_FIELD = "csrf_token"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SIGN_IN = "Sign in to continue: the access token is missing, expired or not valid."
NO_CSRF = "The request lacks the CSRF token that goes with its cookie; reload the page."

# A cache, because verifying a signature costs half a millisecond.
_verified: TtlCache[str, dict[str, Any]] = TtlCache(10_000, 60.0)


# the JSON API


def require_person() -> None:
    """Authenticate the request, before all of the API that need a person.

    Raises Unauthenticated.
    """
    bearer = _bearer()
    token = cookies.value_of(cookies.ACCESS) if bearer is None else bearer
    claims = _claims_of_access(token)
    if claims is None:
        raise Unauthenticated(SIGN_IN)
    if request.method in UNSAFE and bearer is None:
        if not _is_csrf_token(request.headers.get(CSRF_HEADER, ""), claims):
            raise Unauthenticated(NO_CSRF)
        require_own_origin()
    _remember(_signed_in(claims))


def refresh_by_bearer() -> SignedIn:
    """Return the session whose refresh token came as bearer, with its next one.

    Raises Unauthenticated.
    """
    claims = tokens.read(_bearer() or "", "refresh")
    if claims is None:
        raise Unauthenticated("This refresh token is not valid; sign in again.")
    return _refresh(claims)


def _bearer() -> str | None:
    """Return the bearer token; None where a cookie may authenticate the request."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        return None
    return token.strip()


def _signed_in(claims: dict[str, Any]) -> SignedIn:
    """Return the person and session of checked claims.

    Raises Unauthenticated when the session ended.
    """
    session_id = id_from(claims["sid"])
    assert session_id
    found = sessions.require(session_id)
    if str(found.user.id) != claims["sub"]:
        raise Unauthenticated(SIGN_IN)
    return found


def _refresh(claims: dict[str, Any]) -> SignedIn:
    session = _signed_in(claims).session
    return sessions.refresh(session.id, claims["rid"], visitors.visitor())


# sockets


def person_of_handshake(auth: object) -> SignedIn:
    """Return who opens this socket, by `auth: {token}` or by the page's cookie.

    A cookie is valid only from our own pages. Raises Unauthenticated, Forbidden for a foreign
    Origin.
    """
    token: object = None
    if isinstance(auth, dict):
        token = auth.get("token")
    cookie = cookies.value_of(cookies.ACCESS)
    origin = request.headers.get("Origin")
    if origin is not None and extensions.settings().allows(origin):
        cookie = ""  # a page of ALLOWED_ORIGINS has a token, or nothing
    elif origin is not None or (cookie and not token):
        require_own_origin()
    token = token or cookie
    if isinstance(token, str) and (claims := _claims_of_access(token)):
        return _signed_in(claims)
    raise Unauthenticated


# pages


def require_person_of_page() -> None:
    """Authenticate a request to a page, before its body is read.

    Renews an expired access token. Raises Unauthenticated, Forbidden.
    """
    if request.method in UNSAFE:
        require_own_origin()
    if claims := _claims_of_access(cookies.value_of(cookies.ACCESS)):
        _remember(_signed_in(claims))
    else:
        renew()


def require_csrf_token() -> None:
    """Check, before every change by a page, that its form was made for this session.

    The token is a field of the form. So this reads the body, but only of an authenticated person.
    Raises Unauthenticated, Forbidden.
    """
    if request.method not in UNSAFE:
        return
    # The access token may have expired since the page was made. It still says which CSRF token the
    # form got.
    claims = tokens.read(cookies.value_of(cookies.ACCESS), "access", allow_expired=True)
    if claims is None:
        raise Unauthenticated
    sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD) or ""
    if not _is_csrf_token(sent, claims):
        raise Forbidden("This form is out of date: reload the page and try again.")


def renew() -> None:
    """Set this browser's next pair of tokens as cookies of the response.

    Raises Unauthenticated.
    """
    claims = tokens.read(cookies.value_of(cookies.REFRESH), "refresh")
    if claims is None:
        raise Unauthenticated
    sign_in(_refresh(claims))


def sign_in(signed_in: SignedIn) -> None:
    """Have the response set the cookies of the session and of the device."""
    _remember(signed_in)
    g.new_pair = Pair.of(signed_in.user, signed_in.session)


def end_session_of_browser() -> None:
    """End the session that this browser has, before it gets another one.

    Nobody in this browser could end it afterwards.
    """
    claims = tokens.read(cookies.value_of(cookies.ACCESS), "access", allow_expired=True)
    if claims is None:
        return
    session_id = id_from(claims["sid"])
    if session_id and (session := Session.find(session_id)) and not session.revoked:
        sessions.end(session)


def sign_out() -> None:
    """Have the response delete the cookies."""
    g.signed_out = True


def csrf_token() -> str:
    """Return the value that the forms of this page must send back."""
    if "new_pair" in g:
        return tokens.csrf_of(g.session.id)
    return cookies.value_of(cookies.CSRF)


def set_cookies(response: Response) -> Response:
    if g.get("signed_out"):
        unset_jwt_cookies(response)
    elif pair := g.get("new_pair"):
        set_access_cookies(response, pair.access, max_age=int(LIFETIME.total_seconds()))
        set_refresh_cookies(response, pair.refresh, max_age=int(LIFETIME.total_seconds()))
        device = visitors.visitor().device.with_person(g.person)
        visitors.set_cookie(response, devices.token_of(device))
    return response


def require_own_origin() -> None:
    """Raise Forbidden unless the request comes from a page of ours.

    Only our own pages may use our cookies. With a GET of our own pages (Socket.IO's polling)
    browsers send no Origin, but `Sec-Fetch-Site`, which scripts cannot set.
    """
    origin = request.headers.get("Origin")
    if (
        origin is None
        and request.method == "GET"
        and request.headers.get("Sec-Fetch-Site") == "same-origin"
    ):
        return
    if origin not in extensions.settings().origins:
        raise Forbidden(
            f"This request does not come from a page of {extensions.settings().public_url}; check "
            "PUBLIC_URL."
        )


def _is_csrf_token(sent: str, claims: dict[str, Any]) -> bool:
    return hmac.compare_digest(sent.encode(errors="replace"), claims["csrf"].encode())


def _claims_of_access(token: str) -> dict[str, Any] | None:
    """Return the claims of a valid access token that has not expired.

    The claims may come from a cache; callers ask each time whether the session goes on.
    """
    claims = _verified.get_or_load(token, lambda: tokens.read(token, "access"))
    if claims is None or not tokens.is_unexpired(claims):
        return None
    return claims


def _remember(signed_in: SignedIn) -> None:
    """Note the person and session of this request.

    Raises RateLimited while this person's time is used up.
    """
    g.person = signed_in.user
    g.session = signed_in.session
    charge_to(g.person.id)
    budgets.require_time(g.person.id, request.remote_addr)
