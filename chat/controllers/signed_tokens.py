"""Sign what a browser keeps for a while: such a token opens nothing by itself."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from itsdangerous import BadData, URLSafeTimedSerializer

from chat import extensions
from chat.models.database import database

LONGEST = 1024  # characters; our tokens have less than 300


def sign(purpose: str, *texts: str) -> str:
    """Return a token of this chat that says `texts`, for one purpose."""
    return _signer(purpose).dumps(texts)


def read(purpose: str, token: str, lasts: timedelta) -> list[str]:
    """Return what a token says; nothing if it is over, or none of this purpose."""
    if len(token) > LONGEST or not token.isascii():
        return []
    try:
        texts: list[str] = _signer(purpose).loads(token, max_age=int(lasts.total_seconds()))
    except BadData:
        return []
    return texts


def _signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        extensions.settings().jwt_secret,
        salt=f"{purpose} {database.instance}",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
