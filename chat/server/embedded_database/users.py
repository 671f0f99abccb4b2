"""The database's users: ours, and those of others, which we drop."""

from __future__ import annotations

import hashlib
import logging
import secrets
import subprocess
import sys
from typing import Any

from pymongo import MongoClient

from chat.server.embedded_database import create_user
from chat.server.embedded_database.data_folder import DataFolder
from chat.server.embedded_database.errors import EmbeddedDatabaseFailed

NAME = "chat"  # the name of our user and of our database
# opening a large store after a crash takes long, because the journal is replayed
CREATE_SECONDS = 60.0

log = logging.getLogger(__name__)


def has_our_user(folder: DataFolder) -> bool:
    """Return whether this store has our user, created with the password that we have.

    It has not before the first start, nor after somebody replaced or removed the data folder or
    the folder of secrets.
    """
    password = folder.password()
    return bool(password) and folder.state().get("user_made_with") == _fingerprint(password)


def create_our_user(folder: DataFolder) -> None:
    """Create our user while no daemon uses the store, so that none ever listens without one."""
    password = folder.password() or secrets.token_urlsafe(32)
    created = subprocess.run(
        [sys.executable, create_user.__file__, str(folder.store), NAME],
        input=password,
        capture_output=True,
        text=True,
        check=False,
        timeout=CREATE_SECONDS,
    )
    if created.returncode:
        reason = (created.stderr.strip().splitlines() or [""])[-1]
        raise EmbeddedDatabaseFailed(f"The embedded database's user cannot be made ({reason}).")
    folder.store_password(password)
    folder.update_state(user_made_with=_fingerprint(password))


def drop_other_users(client: MongoClient[dict[str, Any]]) -> None:
    """Drop every user but ours.

    Earlier versions ran for a moment without a password, and others could create users then.
    """
    for user in list(client.admin["system.users"].find()):
        if (user["db"], user["user"]) != ("admin", NAME):
            client[user["db"]].command("dropUser", user["user"])
            log.warning(
                "a database user that is not the chat's was dropped", extra={"user": user["user"]}
            )


def _fingerprint(password: str) -> str:
    """Return a hash that identifies a password without revealing it: ours are 32 random bytes."""
    return hashlib.sha256(password.encode()).hexdigest()
