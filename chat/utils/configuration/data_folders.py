"""Check the folders of DATA_DIR and SECRETS_DIR, before anything is created in them."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from chat.utils.configuration.variables import ConfigurationError


def must_be_folder(name: str, folder: Path) -> None:
    """Raise ConfigurationError where a file is in the way of the folder."""
    try:
        there = next(each for each in (folder, *folder.parents) if each.exists())
    except OSError:
        return  # opening the folder reports a missing permission
    if not there.is_dir():
        raise ConfigurationError(f"{name}: {there} is a file, and a folder is needed.")


def must_be_ours(data_dir: Path, *, must_exist: bool) -> None:
    """Raise ConfigurationError where the embedded database belongs to another user.

    The other user could read the files that we write there. `must_exist`: also raise if DATA_DIR
    has no database.
    """
    if not has_database(data_dir):
        if not must_exist:
            return
        raise ConfigurationError(
            f"DATA_DIR: there is no chat in {data_dir}; "
            "name the configuration of yours with --env-file, or start it once."
        )
    owner = data_dir.stat().st_uid
    if owner != os.geteuid():
        name = _user_name(owner)
        raise ConfigurationError(
            f"DATA_DIR: {data_dir} belongs to {name}; run this as {name}: sudo -u {name} …"
        )


def has_database(data_dir: Path) -> bool:
    """Return whether DATA_DIR has a database. Raises ConfigurationError where it is unreadable."""
    try:
        return any(file.name.startswith("WiredTiger") for file in (data_dir / "database").iterdir())
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ConfigurationError(
            f"DATA_DIR: {error.filename} cannot be read ({error.strerror}); "
            "run it as the user that the chat runs as."
        ) from error


def _user_name(user_id: int) -> str:
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return f"#{user_id}"
