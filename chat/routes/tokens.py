"""Issue and verify tokens; accept only tokens that this module issued.

A pair of tokens is computed from its session, so a repeated request gets the very same tokens.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from typing import Any

import jwt
from flask import Flask
from flask_jwt_extended import JWTManager, create_access_token, create_refresh_token
from jwt.types import Options

from chat import extensions
from chat.controllers.devices import keyed
from chat.models.database import database
from chat.models.document import Id, id_from
from chat.models.session import LIFETIME, Session
from chat.models.user import User
from chat.routes import cookies
from config import Settings

ACCESS_SECONDS = 15 * 60
SECONDS = {"access": ACCESS_SECONDS, "refresh": int(LIFETIME.total_seconds())}
# A token that was issued this far in the future is valid, because two machines' clocks differ.
CLOCK_SKEW_SECONDS = 5 * 60
CSRF_HEADER = "X-CSRF-TOKEN"
ISSUER = "real-time-chat"

LONGEST_TOKEN = 1024  # characters; the chat's tokens have less than 700
# Every token of ours has this header for HS256, so no other header is ever parsed. A signature of
# HS256 has 43 characters.
SHAPE = re.compile(r"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\.[\w-]+\.[\w-]{43}\Z", re.ASCII)
IDENTIFIER = re.compile(r"[0-9a-f]{22}\Z")
CLAIMS = frozenset(
    {"iss", "aud", "sub", "sid", "type", "csrf", "iat", "nbf", "exp", "jti", "fresh"}
)
TEXTS = frozenset({"sub", "sid", "csrf", "jti"})
TIMES = ("iat", "nbf", "exp")
SIGNATURE_ALONE: Options = {  # only the signature, because this module checks all claims itself
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


@dataclass(frozen=True)
class Pair:
    """An access token and the refresh token issued with it."""

    access: str
    refresh: str

    @classmethod
    def of(cls, user: User, session: Session) -> Pair:
        claims = {
            "iss": ISSUER,
            "aud": database.instance,
            "sid": str(session.id),
            "csrf": csrf_of(session.id),
            "jti": keyed("token", session.refresh_id),
        }
        return cls(
            create_access_token(str(user.id), additional_claims=claims | _times("access", session)),
            create_refresh_token(
                str(user.id),
                additional_claims=claims | _times("refresh", session) | {"rid": session.refresh_id},
            ),
        )


def set_up(app: Flask, settings: Settings) -> None:
    app.config.update(
        JWT_SECRET_KEY=settings.jwt_secret,
        JWT_ACCESS_COOKIE_NAME=cookies.name_of(cookies.ACCESS),
        JWT_REFRESH_COOKIE_NAME=cookies.name_of(cookies.REFRESH),
        JWT_ACCESS_CSRF_COOKIE_NAME=cookies.name_of(cookies.CSRF),
        JWT_REFRESH_CSRF_COOKIE_NAME=cookies.name_of("chat_csrf_refresh"),
        JWT_COOKIE_SECURE=settings.secure,
        JWT_COOKIE_SAMESITE="Lax",
        JWT_COOKIE_CSRF_PROTECT=True,
    )
    JWTManager(app)


def csrf_of(session_id: Id) -> str:
    """Return the CSRF value of a session.

    All tokens of the session share it, so a form in one tab stays valid when another tab renews
    them.
    """
    key = extensions.settings().jwt_secret.encode()
    return hmac.new(key, b"csrf" + session_id.binary, hashlib.sha256).hexdigest()


def read(token: str, kind: str, *, allow_expired: bool = False) -> dict[str, Any] | None:
    """Return the claims of a token of ours, after checking all of them; else None.

    `kind` is "access" or "refresh". The caller checks whether the session goes on, and whether it
    belongs to the person in `sub`.
    """
    if len(token) > LONGEST_TOKEN or not SHAPE.match(token):
        return None
    secret = extensions.settings().jwt_secret
    try:
        claims: dict[str, Any] = jwt.decode(
            token, secret, algorithms=["HS256"], options=SIGNATURE_ALONE
        )
    except (jwt.PyJWTError, RecursionError):
        return None
    if not _is_ours(claims, kind) or not (allow_expired or is_unexpired(claims)):
        return None
    return claims


def is_unexpired(claims: dict[str, Any]) -> bool:
    """Return whether the token of these claims has not expired."""
    return bool(claims["exp"] > time.time())


def _times(kind: str, session: Session) -> dict[str, int]:
    issued = int(session.refreshed_at.timestamp())
    return {"iat": issued, "nbf": issued, "exp": issued + SECONDS[kind]}


def _is_ours(claims: dict[str, Any], kind: str) -> bool:
    own = frozenset({"rid"}) if kind == "refresh" else frozenset[str]()
    if claims.keys() != CLAIMS | own:
        return False
    if any(type(claims[name]) is not str for name in TEXTS | own):
        return False
    # excludes a bool, which isinstance() would accept
    if any(type(claims[name]) is not int for name in TIMES):
        return False
    session_id = id_from(claims["sid"])
    if session_id is None or id_from(claims["sub"]) is None or not IDENTIFIER.match(claims["jti"]):
        return False
    return (
        (claims["iss"], claims["aud"], claims["type"]) == (ISSUER, database.instance, kind)
        and claims["fresh"] is False
        and claims["iat"] == claims["nbf"] == claims["exp"] - SECONDS[kind]
        and claims["iat"] <= time.time() + CLOCK_SKEW_SECONDS
        and claims["csrf"] == csrf_of(session_id)
    )
