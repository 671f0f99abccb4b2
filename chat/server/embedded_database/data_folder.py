"""The files of the embedded database: its store, its lock, its state and its password."""

from __future__ import annotations

import fcntl
import json
import logging
from pathlib import Path
from typing import IO, Any

from chat.server.embedded_database.errors import EmbeddedDatabaseFailed
from chat.utils import private_files

log = logging.getLogger(__name__)


class DataFolder:
    """The embedded database's files in DATA_DIR, and its password, which is in SECRETS_DIR."""

    def __init__(self, data_dir: Path, secrets_dir: Path | None):
        self.path = data_dir
        self.store = data_dir / "database"
        self.log_file = data_dir / "database.log"
        self.config_file = data_dir / "database.toml"
        self._state_file = data_dir / "database.json"
        self._secrets_dir = secrets_dir or private_files.secrets_beside(data_dir)
        self._password_file = self._secrets_dir / "database-password"
        self._lock_file: IO[str] | None = None

    def create(self) -> None:
        """Create the folders that do not exist. Raises EmbeddedDatabaseFailed."""
        _create("DATA_DIR", self.path)
        _create("DATA_DIR", self.store)
        _create("SECRETS_DIR", self._secrets_dir)

    @property
    def is_locked(self) -> bool:
        """Return whether this process has the lock."""
        return self._lock_file is not None

    def lock(self) -> bool:
        """Lock the folder; return whether this process has the lock, or another program has it."""
        try:
            file = (self.path / "database.lock").open("a")
        except OSError as error:
            raise EmbeddedDatabaseFailed(
                f"DATA_DIR: {error.filename} cannot be written ({error.strerror})."
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._lock_file = file
        return True

    def unlock(self) -> None:
        if self._lock_file:
            self._lock_file.close()
            self._lock_file = None

    def state(self) -> dict[str, Any]:
        """Return the daemon's `port` and `pid`, and `user_made_with`: its password's hash."""
        try:
            state = json.loads(self._state_file.read_text())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise EmbeddedDatabaseFailed(
                f"DATA_DIR: {self._state_file} cannot be read ({error.strerror})."
            ) from error
        except ValueError as error:
            raise EmbeddedDatabaseFailed(
                f"DATA_DIR: {self._state_file} is damaged; "
                "remove it, and the chat creates another one."
            ) from error
        if not isinstance(state, dict):
            return {}
        return state

    def update_state(self, **changes: object) -> None:
        self._write_state(self.state() | changes)

    def password(self) -> str:
        """Return the database's password; empty before the first start."""
        try:
            return self._password_file.read_text()
        except FileNotFoundError:
            return ""
        except (OSError, ValueError) as error:
            raise EmbeddedDatabaseFailed(
                f"SECRETS_DIR: {self._password_file} cannot be read ({error})."
            ) from error

    def store_password(self, password: str) -> None:
        private_files.write(self._password_file, password.encode())

    def move_password(self) -> None:
        """Move the password out of DATA_DIR, where earlier versions store it.

        If DATA_DIR has a password, that one is valid.
        """
        state = self.state()
        if password := state.pop("password", None):
            self.store_password(str(password))
            log.info(
                "the database's password was moved out of DATA_DIR",
                extra={"to": str(self._password_file)},
            )
            self._write_state(state)

    def _write_state(self, state: dict[str, Any]) -> None:
        private_files.write(self._state_file, json.dumps(state).encode())


def _create(variable: str, folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedDatabaseFailed(
            f"{variable}: {folder} cannot be made ({error.strerror})."
        ) from error
