"""Authenticate requests: bearer tokens for programs, the same tokens in cookies for pages.

An API token, which lasts, is a bearer token, too. All of them authenticate alike: handlers find the
result in `g.person` and `g.session`.
"""

from __future__ import annotations

import hmac
from typing import Any

from flask import Response, g, request
from flask_jwt_extended import set_access_cookies, set_refresh_cookies, unset_jwt_cookies

from chat.controllers import api_tokens, budgets, devices, sessions
from chat.controllers.sessions import SignedIn
from chat.models.api_token import PREFIX
from chat.models.document import id_from
from chat.models.session import LIFETIME, Session
from chat.routes import cookies, csrf_masks, languages, tokens, visitors
from chat.routes.cpu_time import charge_to
from chat.routes.own_origin import require_own_origin
from chat.routes.tokens import CSRF_HEADER, Pair
from chat.utils.errors import Forbidden, Unauthenticated
from chat.utils.sentences import N_
from chat.utils.translation import _
from chat.utils.ttl_cache import TtlCache

CSRF_FIELD = "csrf_token"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SIGN_IN = N_("Sign in to continue: the access token is missing, expired or not valid.")
NO_CSRF = N_("The request lacks the CSRF token that goes with its cookie; reload the page.")

# Claims of verified tokens, cached because verifying a signature costs half a millisecond.
_verified: TtlCache[str, dict[str, Any]] = TtlCache(10_000, 60.0)


# the JSON API


def require_person() -> None:
    """Authenticate the request, before every endpoint of the API that needs a person.

    Raises Unauthenticated.
    """
    bearer = _bearer()
    if bearer is not None and bearer.startswith(PREFIX):
        _remember(api_tokens.sign_in(bearer))
        return
    token = cookies.value_of(cookies.ACCESS) if bearer is None else bearer
    claims = claims_of_access(token)
    if claims is None:
        raise Unauthenticated(SIGN_IN)
    if request.method in UNSAFE and bearer is None:
        if not _is_csrf_token(request.headers.get(CSRF_HEADER, ""), claims):
            raise Unauthenticated(NO_CSRF)
        require_own_origin()
    _remember(signed_in_by(claims))


def refresh_by_bearer() -> SignedIn:
    """Return the session of the refresh token sent as bearer, with its next refresh token.

    Raises Unauthenticated.
    """
    claims = tokens.read(_bearer() or "", "refresh")
    if claims is None:
        raise Unauthenticated(_("This refresh token is not valid; sign in again."))
    return _refresh(claims)


def _bearer() -> str | None:
    """Return the bearer token; None if there is none, so that a cookie may authenticate."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        return None
    return token.strip()


def signed_in_by(claims: dict[str, Any]) -> SignedIn:
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
    session = signed_in_by(claims).session
    return sessions.refresh(session.id, claims["rid"], visitors.visitor())


# pages


def require_person_of_page() -> None:
    """Authenticate a request to a page, before its body is read.

    Renews an expired access token. Raises Unauthenticated, Forbidden.
    """
    if request.method in UNSAFE:
        require_own_origin()
    if not recognize_person_of_page():
        renew()


def recognize_person_of_page() -> bool:
    """Return whether the browser's access token is valid. Raises Unauthenticated."""
    if claims := claims_of_access(cookies.value_of(cookies.ACCESS)):
        _remember(signed_in_by(claims))
    return bool(claims)


def is_signed_in() -> bool:
    """Return whether the browser's session goes on. Renews an expired access token."""
    try:
        require_person_of_page()
    except Unauthenticated:
        return False
    return True


def require_csrf_token() -> None:
    """Check, before every change by a page, that its form was made for this session.

    The token is a field of the form. So this reads the body, but only after authentication.
    Raises Unauthenticated, Forbidden.
    """
    if request.method not in UNSAFE:
        return
    # The access token may have expired since the page was made, but it still names the session, and
    # with it the form's CSRF token.
    claims = tokens.read(cookies.value_of(cookies.ACCESS), "access", allow_expired=True)
    if claims is None:
        raise Unauthenticated
    sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD) or ""
    if not _is_csrf_token(sent, claims):
        raise Forbidden(_("This form is out of date: reload the page and try again."))


def renew() -> None:
    """Set this browser's next pair of tokens as cookies in the response.

    Raises Unauthenticated.
    """
    claims = tokens.read(cookies.value_of(cookies.REFRESH), "refresh")
    if claims is None:
        raise Unauthenticated
    sign_in(_refresh(claims))


def sign_in(signed_in: SignedIn) -> None:
    """Set the cookies of the session and of the device in the response."""
    _remember(signed_in)
    g.new_pair = Pair.of(signed_in.user, signed_in.session)


def end_session_of_browser() -> None:
    """End this browser's session before the browser gets another one.

    Afterwards nobody could end the old session from this browser.
    """
    claims = tokens.read(cookies.value_of(cookies.ACCESS), "access", allow_expired=True)
    if claims is None:
        return
    session_id = id_from(claims["sid"])
    if session_id and (session := Session.find(session_id)) and not session.revoked:
        sessions.end(session)


def sign_out() -> None:
    """Delete the cookies in the response."""
    g.signed_out = True


def csrf_token() -> str:
    """Return the value that the forms of this page must send back, masked."""
    if "csrf_token" not in g:
        is_new = "new_pair" in g
        token = tokens.csrf_of(g.session.id) if is_new else cookies.value_of(cookies.CSRF)
        g.csrf_token = csrf_masks.masked(token)
    value: str = g.csrf_token
    return value


def set_cookies(response: Response) -> Response:
    if g.get("signed_out"):
        unset_jwt_cookies(response)
    elif pair := g.get("new_pair"):
        set_access_cookies(response, pair.access, max_age=int(LIFETIME.total_seconds()))
        set_refresh_cookies(response, pair.refresh, max_age=int(LIFETIME.total_seconds()))
        device = visitors.visitor().device.with_person(g.person)
        visitors.set_cookie(response, devices.token_of(device))
    return response


def _is_csrf_token(sent: str, claims: dict[str, Any]) -> bool:
    """Return whether `sent` is the token of these claims, as in the cookie or masked by a page."""
    token = csrf_masks.unmasked(sent)
    return hmac.compare_digest(token.encode(errors="replace"), claims["csrf"].encode())


def claims_of_access(token: str) -> dict[str, Any] | None:
    """Return the claims of a valid access token that has not expired.

    The claims may come from a cache; each time, callers check whether the session goes on.
    """
    claims = _verified.get_or_load(token, lambda: tokens.read(token, "access"))
    if claims is None or not tokens.is_unexpired(claims):
        return None
    return claims


def _remember(signed_in: SignedIn) -> None:
    """Store the person and session of this request in `g`.

    Raises RateLimited while this person's CPU time is used up.
    """
    g.person = signed_in.user
    g.session = signed_in.session
    languages.use_preferred(g.person.preferences, languages.accepted())
    charge_to(g.person.answerable_id)
    budgets.require_time(g.person.answerable_id, request.remote_addr)
