"""The one-time link that makes the first administrator. Only its digest is kept."""

from __future__ import annotations

import hashlib
import secrets

from chat.models.database import database
from chat.models.user import User

_ID = {"_id": "setup"}


def new_setup_token() -> str | None:
    """A new token, which replaces an earlier one; None when there is an administrator."""
    if User.has_admin():
        return None
    token = secrets.token_urlsafe(24)
    database["meta"].update_one(
        _ID, {"$set": {"digest": _digest(token), "used": False}}, upsert=True
    )
    return token


def is_setup_token(token: str) -> bool:
    """Whether `token` can still make an administrator."""
    kept = database["meta"].find_one(_ID)
    return bool(
        kept and not kept["used"] and secrets.compare_digest(kept["digest"], _digest(token))
    )


def use_setup_token(token: str) -> bool:
    """Spends the token; False when it is not the one, or was spent by somebody quicker."""
    changed = database["meta"].update_one(
        {**_ID, "digest": _digest(token), "used": False}, {"$set": {"used": True}}
    )
    return bool(changed.matched_count)


def close_setup() -> None:
    """There is an administrator by another way: no link is needed any more."""
    database["meta"].update_one(_ID, {"$set": {"digest": "", "used": True}}, upsert=True)


def reopen_setup(token: str) -> None:
    """Undoes `use_setup_token`, when the account could not be made after all."""
    database["meta"].update_one({**_ID, "digest": _digest(token)}, {"$set": {"used": False}})


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
