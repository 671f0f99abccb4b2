"""Read the secrets: from the environment, or from `secrets.json`, which the first start creates."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Collection, Mapping
from pathlib import Path

from chat.utils import private_files
from chat.utils.configuration.data_folders import has_database
from chat.utils.configuration.variables import ConfigurationError, Variables

SECRET_BYTES = 32
SECRET_NAMES = ("JWT_SECRET", "SECRET_KEY")
HOW_TO_MAKE_A_SECRET = (
    'make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
)

log = logging.getLogger(__name__)


def read(variables: Variables, name: str) -> str:
    """Return the secret of this variable; empty if the variable is not set."""
    value = variables.secret(name)
    if value and len(value.encode()) < SECRET_BYTES:
        raise ConfigurationError(
            f"{name}: shorter than {SECRET_BYTES} bytes, which is too weak; {HOW_TO_MAKE_A_SECRET}."
        )
    return value


def read_retired(variables: Variables) -> tuple[str, ...]:
    """Return the retired keys, from SECRET_KEYS_RETIRED."""
    given = variables.secret("SECRET_KEYS_RETIRED").split(",")
    keys = tuple(key.strip() for key in given if key.strip())
    for key in keys:
        if len(key.encode()) < SECRET_BYTES:
            raise ConfigurationError(
                f"SECRET_KEYS_RETIRED: one of them is shorter than {SECRET_BYTES} bytes, "
                "as no SECRET_KEY can have been."
            )
    return keys


def must_be_set(given: Mapping[str, str], has_backup: bool) -> None:
    """Raise ConfigurationError where a secret is missing although MONGO_URI is set.

    `has_backup`: a backup is restored, which needs those of its chat.
    """
    how = HOW_TO_MAKE_A_SECRET
    if has_backup:
        how = "set that of the chat that was backed up, from its SECRETS_DIR/secrets.json"
    for name, value in given.items():
        if not value:
            raise ConfigurationError(f"{name}: it must be set where MONGO_URI is; {how}.")


def must_differ(given: Mapping[str, str], retired: Collection[str]) -> None:
    """Raise ConfigurationError if two secrets are equal: one leak must not reveal both."""
    if given["SECRET_KEY"] and given["SECRET_KEY"] in retired:
        raise ConfigurationError(
            "SECRET_KEYS_RETIRED: SECRET_KEY is one of them; "
            "leave it out there, or set the new key."
        )
    if given["JWT_SECRET"] and given["JWT_SECRET"] in (given["SECRET_KEY"], *retired):
        raise ConfigurationError(
            f"JWT_SECRET: it is a SECRET_KEY, too; set another JWT_SECRET, {HOW_TO_MAKE_A_SECRET}."
        )


def stored(
    data_dir: Path,
    secrets_dir: Path,
    of_backup: Mapping[str, str] | None = None,
    *,
    must_exist: bool,
) -> dict[str, str]:
    """Return the secrets of the file `secrets.json`, mode 0600, which the first start creates.

    `must_exist`: neither move nor create a file or folder. `of_backup`: return these where there is
    no file, and create none. Raises ConfigurationError.
    """
    path = secrets_dir / "secrets.json"
    earlier = data_dir / "secrets.json"  # where earlier versions store it
    try:
        if not must_exist:
            secrets_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            _move(earlier, path)
        elif earlier.exists() and not path.exists():
            path = earlier
        if not path.exists():
            if of_backup is not None:
                return _those_of_backup(of_backup, path)
            _create(path, data_dir)
        content = path.read_text()
    except OSError as error:
        raise ConfigurationError(
            f"SECRETS_DIR: {error.filename or path} cannot be read or written ({error.strerror})."
        ) from error
    except ValueError:
        content = ""  # the file is not text
    secrets_of_file = _decoded(content)
    if secrets_of_file is None:
        raise ConfigurationError(
            f"SECRETS_DIR: {path} is damaged; restore it from a backup, "
            "the messages cannot be read without it."
        )
    return secrets_of_file


def _those_of_backup(found: Mapping[str, str], path: Path) -> dict[str, str]:
    """Return the secrets that a backup has. Raises ConfigurationError if it has none."""
    if not found:
        raise ConfigurationError(
            f"SECRETS_DIR: {path} is missing; put the file of the chat that was backed up there, "
            "or set JWT_SECRET and SECRET_KEY."
        )
    return dict(found)


def _move(earlier: Path, path: Path) -> None:
    if private_files.move_once(earlier, path):
        log.info(
            "the secrets were moved out of DATA_DIR", extra={"from": str(earlier), "to": str(path)}
        )


def _decoded(content: str) -> dict[str, str] | None:
    """Return the secrets in the content of the file; None where one is missing."""
    try:
        found = json.loads(content)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    if not all(isinstance(found.get(name), str) for name in SECRET_NAMES):
        return None
    return found


def _create(path: Path, data_dir: Path) -> None:
    """Create the secrets. Raises ConfigurationError if there is a database, sealed otherwise."""
    if has_database(data_dir):
        raise ConfigurationError(
            f"SECRETS_DIR: {path} is missing, but there is a database in {data_dir}; "
            "restore the file from a backup, the messages cannot be read without it."
        )
    private_files.write_once(
        path, json.dumps({name: secrets.token_urlsafe(48) for name in SECRET_NAMES}).encode()
    )
