"""Write a new file beside its place, and give it its name when it is whole."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from chat.utils.private_files import sync_folder


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Yield an empty file, which gets its name `path` when the block ends well.

    Only its owner may read it. It is `path`.part until then; one of a killed process stays, and the
    next try replaces it. Raises OSError; BlockingIOError while another program writes it.
    """
    beside = path.with_name(f"{path.name}.part")
    with _locked(beside) as file:
        try:
            yield file
        except BaseException:
            beside.unlink(missing_ok=True)  # a full disk gets its room back
            raise
        file.flush()
        os.fsync(file.fileno())
        beside.replace(path)
        sync_folder(path.parent)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[IO[bytes]]:
    """Yield an empty file that no other program writes, and that no link leads elsewhere."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Its writer may have finished it, and given it its name, since it was opened.
            is_same = path.stat().st_ino == os.fstat(descriptor).st_ino
        except (BlockingIOError, FileNotFoundError):
            is_same = False
        if not is_same:
            reason = "another program is writing it"
            raise BlockingIOError(errno.EWOULDBLOCK, reason, str(path))
        os.fchmod(descriptor, 0o600)
        os.ftruncate(descriptor, 0)
        yield file
