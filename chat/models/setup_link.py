"""The one-time setup link, which makes the first administrator. Only its digest is stored."""

from __future__ import annotations

import hashlib
import secrets

from chat.models.database import database
from chat.models.user import User

_ID = {"_id": "setup"}


def new_setup_token() -> str | None:
    """Return a new token, which replaces an earlier one; None when there is an administrator."""
    if User.has_admin():
        return None
    token = secrets.token_urlsafe(24)
    database["meta"].update_one(
        _ID, {"$set": {"digest": _digest(token), "used": False}}, upsert=True
    )
    return token


def is_setup_token(token: str) -> bool:
    """Return whether `token` can still make an administrator."""
    record = database["meta"].find_one(_ID)
    if record is None or record["used"] or User.has_admin():
        return False
    return secrets.compare_digest(record["digest"], _digest(token))


def use_setup_token(token: str) -> bool:
    """Use the token up. Return False when it is the wrong one, or somebody used it before."""
    changed = database["meta"].update_one(
        {**_ID, "digest": _digest(token), "used": False}, {"$set": {"used": True}}
    )
    return bool(changed.matched_count)


def close_setup() -> None:
    """Invalidate the link when an administrator was made in another way."""
    database["meta"].update_one(_ID, {"$set": {"digest": "", "used": True}}, upsert=True)


def reopen_setup(token: str) -> None:
    """Undo `use_setup_token` when creating the account failed."""
    database["meta"].update_one({**_ID, "digest": _digest(token)}, {"$set": {"used": False}})


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
