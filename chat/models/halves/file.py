"""Halves in a file: `halves-NAME` in SECRETS_DIR, and the database stores NAME.

Half n is at byte 32 n; the first page of 4096 bytes is the header. The file only grows, by whole
pages. All processes of a chat share the file: each appends its own halves, under a lock.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from chat.models.database import seconds_left
from chat.models.halves.store import DESTROYED, HALF_BYTES, PAGE_BYTES, PAGE_HALVES, HalvesUnusable
from chat.utils import private_files
from chat.utils.single_flight import SingleFlight

MAGIC = b"real-time-chat halves 1".ljust(HALF_BYTES)

Run = Callable[[Callable[[], Any]], Any]


class HalvesFile:
    def __init__(self, folder: Path, name: str, least: int, run: Run | None):
        """Open the file. Raises HalvesUnusable.

        `least`: how many halves the file must have, according to the database. `run` calls the
        functions that sync the disk, without blocking the loop meanwhile.
        """
        self._path = folder / f"halves-{name}"
        self._run = run or (lambda work: work())
        self._synced = SingleFlight(self._sync, seconds_left)
        try:
            self._file = os.open(self._path, os.O_RDWR)
            header = os.pread(self._file, PAGE_BYTES, 0)
            size = os.fstat(self._file).st_size
        except FileNotFoundError as error:
            raise HalvesUnusable(
                f"SECRETS_DIR: {self._path} is missing, without which nothing in this database can "
                "be opened; restore it from a backup, and where several machines share a chat, "
                "have them share this folder."
            ) from error
        except OSError as error:
            raise HalvesUnusable(
                f"SECRETS_DIR: {self._path} cannot be read and written ({error.strerror})."
            ) from error
        if header != _header(name):
            self.close()
            raise HalvesUnusable(f"SECRETS_DIR: {self._path} is damaged; restore it from a backup.")
        if size < least * HALF_BYTES:
            self.close()
            raise HalvesUnusable(
                f"SECRETS_DIR: {self._path} is older than the database, or cut short; "
                "restore its newest copy."
            )

    @staticmethod
    def make(folder: Path) -> str:
        """Make a file with its first page of halves, and return NAME. Raises HalvesUnusable."""
        name = secrets.token_hex(8)
        path = folder / f"halves-{name}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            private_files.write_once(path, _header(name) + os.urandom(PAGE_BYTES))
        except OSError as error:
            raise HalvesUnusable(
                f"SECRETS_DIR: {path} cannot be made ({error.strerror})."
            ) from error
        return name

    @staticmethod
    def unmake(folder: Path, name: str) -> None:
        """Delete a file from `make` that lost the race: another process registered its own."""
        (folder / f"halves-{name}").unlink()

    def __str__(self) -> str:
        return str(self._path)

    def close(self) -> None:
        os.close(self._file)

    def copy(self, at_once: int) -> Iterator[bytes]:
        """Yield the file's bytes, whole halves at a time."""
        begins = 0
        while content := os.pread(self._file, at_once, begins):
            yield content
            begins += len(content)

    def append(self, count: int) -> int:
        first: int = self._run(lambda: self._append(count))
        return first

    def read(self, number: int) -> bytes:
        half = os.pread(self._file, HALF_BYTES, number * HALF_BYTES)
        if len(half) < HALF_BYTES:
            # Open the file again, because only then a network folder shows halves that other
            # machines appended.
            with self._path.open("rb", buffering=0) as file:
                half = os.pread(file.fileno(), HALF_BYTES, number * HALF_BYTES)
        return half

    def overwrite(self, numbers: Iterable[int]) -> None:
        end = os.fstat(self._file).st_size // HALF_BYTES
        for number in numbers:
            if number < end:  # a number in a damaged record must not make the file grow
                os.pwrite(self._file, DESTROYED, number * HALF_BYTES)
        self._synced.ask()

    def _append(self, count: int) -> int:
        # Threads share an open file, and so its lock. Open the file again for a lock of our own.
        with self._path.open("rb+", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # Round up: a crash may have left a part of a page.
            first = -(-file.seek(0, os.SEEK_END) // PAGE_BYTES) * PAGE_HALVES
            os.pwrite(file.fileno(), os.urandom(count * HALF_BYTES), first * HALF_BYTES)
            os.fsync(file.fileno())
            return first

    def _sync(self) -> None:
        self._run(lambda: os.fdatasync(self._file))


def _header(name: str) -> bytes:
    return (MAGIC + name.encode().ljust(HALF_BYTES)).ljust(PAGE_BYTES, b"\n")
