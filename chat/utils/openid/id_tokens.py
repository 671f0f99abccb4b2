"""Decide whether an ID token is valid: signature, issuer, audience, times, nonce."""

from __future__ import annotations

import time
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError

from chat.utils.configuration.providers import Provider
from chat.utils.openid import discovery

SKEW_SECONDS = 60  # how far the clocks of the two machines may differ
LONGEST_TOKEN = 65_536  # characters
LONGEST_SUBJECT = 255  # characters, as OpenID Connect says


class InvalidToken(Exception):
    """An ID token that proves nothing; the text says why, for the operator's log."""


def claims_of(
    provider: Provider, token: object, *, nonce: str, access_token: object
) -> dict[str, Any]:
    """Return the claims of an ID token that this provider made for one of our requests.

    Raises InvalidToken, and NoAnswer if the provider's keys cannot be read.
    """
    if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
        raise InvalidToken("no ID token")
    try:
        decoded = _decoded(provider, token)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
                "sub": {"essential": True},
            },
            params={
                "nonce": nonce,
                "client_id": provider.client_id,
                "access_token": access_token,
            },
        )
        claims.validate(now=int(time.time()), leeway=SKEW_SECONDS)
    except (JoseError, ValueError, TypeError) as error:
        raise InvalidToken(f"{type(error).__name__}: {error}") from None
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise InvalidToken("a subject of no usual length")
    return dict(claims)


def _decoded(provider: Provider, token: str) -> jwt.Token:
    """Return the token, its signature checked. A new key of the provider is read at once."""
    try:
        return jwt.decode(token, discovery.keys_of(provider), discovery.ALGORITHMS)
    except InvalidKeyIdError:
        if not discovery.read_keys_again(provider):
            raise
    return jwt.decode(token, discovery.keys_of(provider), discovery.ALGORITHMS)
