"""Whether a new account could have a username, found without writing anything."""

from __future__ import annotations

from chat.models import closed_names
from chat.models.database import database
from chat.utils.errors import Conflict
from chat.utils.lookalikes import looks_of


def is_free(username: str) -> bool:
    """Return whether nobody has this username or a lookalike, or gave it up lately."""
    try:
        if closed_names.are_any():
            closed_names.must_be_open(username)
    except Conflict:
        return False
    looks = looks_of(username, username)["skeletons"]
    return database["users"].find_one({"skeletons": {"$in": looks}}, {"_id": 1}) is None
