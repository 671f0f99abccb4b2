"""Write files that only their owner can read: mode 0600, always whole, synced before use."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def secrets_beside(data_dir: Path) -> Path:
    """Return the folder of secrets, where SECRETS_DIR sets none: beside DATA_DIR.

    So a copy of DATA_DIR does not contain its own key.
    """
    return data_dir.with_name(f"{data_dir.name}-secrets")


def write(path: Path, content: bytes) -> None:
    """Write a file, or replace it."""
    beside = _write_beside(path, content)
    beside.replace(path)
    sync_folder(path.parent)


def write_once(path: Path, content: bytes) -> bool:
    """Write a file unless it exists; return whether it was written.

    If two processes start at the same moment, only one of them writes.
    """
    beside = _write_beside(path, content)
    try:
        os.link(beside, path)
        sync_folder(path.parent)
        return True
    except FileExistsError:
        return False
    finally:
        beside.unlink()


def move_once(old: Path, new: Path) -> bool:
    """Move a file to another folder unless it exists there; return whether the file was moved.

    Removes a copy that a crash left in the old folder, but not a file with different content.
    """
    try:
        content = old.read_bytes()
    except FileNotFoundError:
        return False
    if new.exists() and new.samefile(old):
        return False
    new.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    moved = write_once(new, content)
    if new.read_bytes() == content:
        old.unlink(missing_ok=True)
        sync_folder(old.parent)
    return moved


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, if the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write_beside(path: Path, content: bytes) -> Path:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        error.filename = str(path)  # Python does not name the file in the error of a full disk
        beside.unlink(missing_ok=True)
        raise
    return beside
