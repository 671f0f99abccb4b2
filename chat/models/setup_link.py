"""The one-time setup link, which makes the first administrator. Only its digest is stored."""

from __future__ import annotations

import secrets

from chat.models.database import database
from chat.models.user import User
from chat.utils.link_tokens import digest_of, new_token

_ID = {"_id": "setup"}


def new_setup_token() -> str | None:
    """Return a new token, which replaces an earlier one; None when there is an administrator."""
    if User.has_admin():
        return None
    token = new_token()
    database["meta"].update_one(
        _ID, {"$set": {"digest": digest_of(token), "used": False}}, upsert=True
    )
    return token


def is_setup_token(token: str) -> bool:
    """Return whether `token` can still make an administrator."""
    record = database["meta"].find_one(_ID)
    if record is None or record["used"] or User.has_admin():
        return False
    return secrets.compare_digest(record["digest"], digest_of(token))


def use_setup_token(token: str) -> bool:
    """Use the token up. Return False when it is the wrong one, or somebody used it before."""
    changed = database["meta"].update_one(
        {**_ID, "digest": digest_of(token), "used": False}, {"$set": {"used": True}}
    )
    return bool(changed.matched_count)


def close_setup() -> None:
    """Invalidate the link when an administrator was made in another way."""
    database["meta"].update_one(_ID, {"$set": {"digest": "", "used": True}}, upsert=True)


def reopen_setup(token: str) -> None:
    """Undo `use_setup_token` when creating the account failed."""
    database["meta"].update_one({**_ID, "digest": digest_of(token)}, {"$set": {"used": False}})
