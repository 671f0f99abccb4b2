"""Tokens of links that let somebody in: only their digests are stored."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 24


def new_token() -> str:
    """Return a token that nobody can guess, of 32 letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_of(token: str) -> str:
    """Return what the database has of a token: SHA-256, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()
