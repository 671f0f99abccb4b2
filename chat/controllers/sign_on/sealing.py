"""Seal what a browser keeps between two steps of signing in by a provider."""

from __future__ import annotations

import base64
import binascii
import time
from datetime import timedelta
from typing import Any

import orjson

from chat import extensions
from chat.models.database import database
from chat.utils.encryption import KEY_ID_BYTES, CannotOpen, SealingKey, derive

KEY_ID = b"single sign-on"[:KEY_ID_BYTES]
LONGEST = 3000  # characters; browsers store 4096


def seal(purpose: str, content: dict[str, Any]) -> str:
    """Return `content` as a text that only this chat opens, and only for this purpose."""
    plain = orjson.dumps({"at": int(time.time()), **content})
    return base64.urlsafe_b64encode(_key().seal(plain, _place(purpose))).decode().rstrip("=")


def unseal(purpose: str, text: str, lasts: timedelta) -> dict[str, Any] | None:
    """Return what was sealed; None if it is over, damaged, or for another purpose."""
    if len(text) > LONGEST:
        return None
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        content: dict[str, Any] = orjson.loads(_key().open(sealed, _place(purpose)))
    except (CannotOpen, binascii.Error, ValueError):
        return None
    is_over = not 0 <= time.time() - content.pop("at") < lasts.total_seconds()
    return None if is_over else content


def _key() -> SealingKey:
    return SealingKey(KEY_ID, derive(extensions.settings().jwt_secret, "single sign-on"))


def _place(purpose: str) -> str:
    return f"{purpose} {database.instance}"
