"""Authenticate whoever opens a socket."""

from __future__ import annotations

from flask import request

from chat import extensions
from chat.controllers import api_tokens
from chat.controllers.sessions import SignedIn
from chat.models.api_token import PREFIX
from chat.routes import cookies
from chat.routes.authentication import claims_of_access, signed_in_by
from chat.routes.own_origin import require_own_origin
from chat.utils.errors import Unauthenticated


def person_of_handshake(auth: object) -> SignedIn:
    """Return the person who opens this socket, by `auth: {token}` or by the page's cookie.

    A cookie is valid only from our own pages. Raises Unauthenticated, or Forbidden for a foreign
    Origin.
    """
    token: object = None
    if isinstance(auth, dict):
        token = auth.get("token")
    cookie = cookies.value_of(cookies.ACCESS)
    origin = request.headers.get("Origin")
    if origin is not None and extensions.settings().allows(origin):
        cookie = ""  # a page of another origin has a token, or does not sign in at all
    elif origin is not None or (cookie and not token):
        require_own_origin()
    if isinstance(token, str) and token.startswith(PREFIX):
        signed_in = api_tokens.sign_in(token)
        api_tokens.must_have(signed_in.session, "read")  # a socket hears everything of its person
        return signed_in
    token = token or cookie
    if isinstance(token, str) and (claims := claims_of_access(token)):
        return signed_in_by(claims)
    raise Unauthenticated
