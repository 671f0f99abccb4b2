"""Halves of keys that can be destroyed: 32 random bytes each, in a file that lies outside the database.

Whatever can be deleted is sealed under a key that needs its half (`utils/encryption.joined`). What a database once held may stay
in its journal, in an oplog and in old backups, with SECRET_KEY at hand; without the half nobody opens it. So to delete is to
overwrite 32 bytes and sync them (docs/decisions/0015).

The file is `halves-NAME` in SECRETS_DIR, and the database knows NAME. Half n is at byte 32 n; the first page of 4096 bytes is the
header. The file only grows; a number is given once. All processes of a chat share it: each appends pages for itself under a
lock, ahead of use, so that a half is durable long before anything that needs it is acknowledged.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bson import Int64
from pymongo.errors import DuplicateKeyError, PyMongoError

from chat.models.database import Record, database
from chat.utils import private_files
from chat.utils.encryption import CannotOpen
from chat.utils.errors import Unavailable
from chat.utils.single_flight import SingleFlight

HALF_BYTES = 32
PAGE = 4096
A_PAGE = PAGE // HALF_BYTES          # halves in a page
MOST_AT_ONCE = 16 * A_PAGE           # appended in one go, by a process that uses them up quickly
FEW = A_PAGE // 2                    # so many left: more are appended in the background
PROOF = A_PAGE                       # the number of the first half, which proves that the file is whole
MAGIC = b"real-time-chat halves 1".ljust(HALF_BYTES)
DESTROYED = b"destroyed".ljust(HALF_BYTES, b".")
EMPTY = bytes(HALF_BYTES)

logger = logging.getLogger(__name__)

Run = Callable[[Callable[[], Any]], Any]


class HalvesUnusable(Exception):
    """The chat cannot start with this file of halves, or without one; the text is one sentence that says what to do."""


class Destroyed(CannotOpen):
    """What needs this half was deleted."""


class Halves:
    def __init__(self) -> None:
        self._path = Path()
        self._file = -1
        self._run: Run = _run_here
        self._fresh: deque[int] = deque()
        self._next_count = A_PAGE
        self._refilling = threading.Lock()
        self._will_refill = False
        self._synced = SingleFlight(self._sync, database.seconds_left)

    def open(self, folder: Path, run: Run | None = None) -> None:
        """Opens the file that belongs to the database, or makes one for a database that knows none. Raises HalvesUnusable.

        `run` runs what syncs the disk, so that nobody waits who does not have to.
        """
        self.close()
        self._run = run or _run_here
        known = database["meta"].find_one({"_id": "halves"}) or _begin(folder)
        self._path = folder / f"halves-{known['name']}"
        try:
            self._file = os.open(self._path, os.O_RDWR)
            header, size = os.pread(self._file, PAGE, 0), os.fstat(self._file).st_size
        except FileNotFoundError as error:
            raise HalvesUnusable(
                f"SECRETS_DIR: {self._path} is missing, without which nothing in this database can be opened; restore it from a "
                "backup, and where several machines share a chat, have them share this folder."
            ) from error
        except OSError as error:
            raise HalvesUnusable(f"SECRETS_DIR: {self._path} cannot be read and written ({error.strerror}).") from error
        if header != _header(known["name"]):
            raise HalvesUnusable(f"SECRETS_DIR: {self._path} is damaged; restore it from a backup.")
        if size < known["count"] * HALF_BYTES:
            raise HalvesUnusable(f"SECRETS_DIR: {self._path} is older than the database, or cut short; restore its newest copy.")

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self._fresh.clear()
        self._next_count = A_PAGE

    def warm_up(self) -> None:
        """Has some ready before the first is asked for. Raises Unavailable, DatabaseError."""
        self._refill(FEW)

    def take(self) -> int:
        """Return the number of a half that nobody has, and that is durable. Raises Unavailable when the disk takes no more."""
        if len(self._fresh) < FEW and not self._will_refill:
            self._will_refill = True
            threading.Thread(target=self._refill_in_background, daemon=True).start()
        while True:
            try:
                return self._fresh.popleft()
            except IndexError:
                self._refill(1)

    def of(self, number: int, place: str) -> bytes:
        """Return a half. `place` names what needs it. Raises Destroyed, CannotOpen."""
        half = os.pread(self._file, HALF_BYTES, number * HALF_BYTES)
        if half == DESTROYED:
            raise Destroyed(f"{place}: it was deleted")
        if number < A_PAGE or len(half) < HALF_BYTES or half == EMPTY:
            raise CannotOpen(f"{place}: half {number} is not in {self._path}")
        return half

    def destroy(self, numbers: Iterable[int]) -> None:
        """Overwrites halves, durably: what needs one of them can be opened by nobody any more. Again is harmless.

        Raises Unavailable when the disk does not do it.
        """
        end = os.fstat(self._file).st_size // HALF_BYTES
        found = [number for number in numbers if PROOF < number < end]
        if found:
            try:
                for number in found:
                    os.pwrite(self._file, DESTROYED, number * HALF_BYTES)
            except OSError as error:
                raise _unavailable(error) from error
            self._synced.ask()

    def is_destroyed(self, number: int) -> bool:
        return os.pread(self._file, HALF_BYTES, number * HALF_BYTES) == DESTROYED

    def _sync(self) -> None:
        try:
            self._run(lambda: os.fdatasync(self._file))
        except OSError as error:
            raise _unavailable(error) from error

    def _refill_in_background(self) -> None:
        try:
            self._refill(FEW)
        except (Unavailable, PyMongoError) as error:  # whoever takes the last one tries again, and is told
            logger.warning("no halves of keys could be made ahead", extra={"reason": str(error)})
        finally:
            self._will_refill = False

    def _refill(self, least: int) -> None:
        """Appends halves for this process if fewer than `least` are left; more each time, so that an idle one leaves few unused."""
        seconds = database.seconds_left()
        if not self._refilling.acquire(timeout=-1 if seconds is None else seconds):
            raise Unavailable
        try:
            if len(self._fresh) < least:
                count = self._next_count
                first = self._run(lambda: _append(self._path, count))
                # By this a copy of the file is recognised that is older than the database.
                database["meta"].update_one({"_id": "halves"}, {"$max": {"count": Int64(first + count)}})
                self._fresh.extend(range(first, first + count))
                self._next_count = min(2 * count, MOST_AT_ONCE)
        except OSError as error:
            raise _unavailable(error) from error
        finally:
            self._refilling.release()


def _begin(folder: Path) -> Record:
    """Makes the file of a database that has none yet. Of several processes at once one wins."""
    name = secrets.token_hex(8)
    path = folder / f"halves-{name}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        private_files.write_once(path, _header(name) + os.urandom(PAGE))
    except OSError as error:
        raise HalvesUnusable(f"SECRETS_DIR: {path} cannot be made ({error.strerror}).") from error
    try:
        database["meta"].insert_one({"_id": "halves", "name": name, "count": Int64(2 * A_PAGE)})
    except DuplicateKeyError:
        path.unlink()
    known = database["meta"].find_one({"_id": "halves"})
    assert known
    return known


def _header(name: str) -> bytes:
    return (MAGIC + name.encode().ljust(HALF_BYTES)).ljust(PAGE, b"\n")


def _append(path: Path, count: int) -> int:
    """Appends random halves in whole pages, durably, and returns the number of the first."""
    with path.open("rb+", buffering=0) as file:  # opened anew: a lock belongs to who opened
        fcntl.flock(file, fcntl.LOCK_EX)
        first = -(-file.seek(0, os.SEEK_END) // PAGE) * A_PAGE  # a crash may have left a part of a page
        os.pwrite(file.fileno(), os.urandom(count * HALF_BYTES), first * HALF_BYTES)
        os.fsync(file.fileno())
        return first


def _run_here(work: Callable[[], Any]) -> Any:
    return work()


def _unavailable(error: OSError) -> Unavailable:
    logger.error("the file of halves cannot be written", extra={"reason": str(error)})
    return Unavailable()


halves = Halves()
