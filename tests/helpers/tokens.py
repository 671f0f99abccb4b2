"""Tokens that anybody with JWT_SECRET can make."""

from __future__ import annotations

import json
from typing import Any

import jwt

from tests.helpers.servers import SECRETS


def claims_of(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


def signed(claims: dict[str, Any], secret: str = SECRETS["JWT_SECRET"], **options: Any) -> str:
    """Return a token with these claims, whatever they are."""
    return jwt.PyJWS().encode(
        json.dumps(claims, separators=(",", ":")).encode(), secret, "HS256", **options
    )


def aged(token: str, seconds: float) -> str:
    """Return the same token, issued so many seconds earlier."""
    claims = claims_of(token)
    return signed(claims | {name: claims[name] - int(seconds) for name in ("iat", "nbf", "exp")})
