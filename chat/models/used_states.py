"""The states of sign-ins by a provider that came back: none comes back twice."""

from __future__ import annotations

import hashlib

from pymongo.errors import DuplicateKeyError

from chat.models.database import database
from chat.utils.clock import now


def use(state: str) -> bool:
    """Use a state up. Return False if it was used before, by whichever process."""
    digest = hashlib.sha256(state.encode()).hexdigest()
    try:
        database["used_states"].insert_one({"_id": digest, "at": now()})
    except DuplicateKeyError:
        return False
    return True
