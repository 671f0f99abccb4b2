"""What counts once: states of sign-ins by a provider that came back, challenges of passkeys."""

from __future__ import annotations

import hashlib

from pymongo.errors import DuplicateKeyError

from chat.models.database import database
from chat.utils.clock import now


def use(state: str) -> bool:
    """Use a random text up. Return False if it was used before, by whichever process.

    It has to be over within an hour, because this is forgotten then.
    """
    digest = hashlib.sha256(state.encode()).hexdigest()
    try:
        database["used_states"].insert_one({"_id": digest, "at": now()})
    except DuplicateKeyError:
        return False
    return True
