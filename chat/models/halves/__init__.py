"""Halves of keys that can be destroyed: 32 random bytes each, in a file outside the database.

Everything that can be deleted is sealed under a key that needs its half
(`utils/encryption.joined`). Deleted data may stay in the database's journal, in an oplog and in old
backups, and a thief may have SECRET_KEY. Without the half nobody can open the data. So a deletion
overwrites the half's 32 bytes, durably (docs/decisions/0015).

Each half has a number, which is used once. Each process appends some halves for itself before
it needs them. So a half is durable long before the chat acknowledges a text that needs the half,
and nobody who posts waits for the disk.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from bson import Int64
from pymongo.errors import DuplicateKeyError, PyMongoError

from chat.models.database import Record, database, seconds_left
from chat.models.halves import collection
from chat.models.halves.collection import HalvesCollection
from chat.models.halves.file import HalvesFile, Run
from chat.models.halves.store import (
    DESTROYED,
    HALF_BYTES,
    PAGE_HALVES,
    PROOF_NUMBER,
    HalvesUnusable,
    Store,
)
from chat.utils.encryption import CannotOpen
from chat.utils.errors import Unavailable

__all__ = ["Destroyed", "Halves", "halves"]

MOST_AT_ONCE = 16 * PAGE_HALVES  # halves that a process appends at once, at most
FEW = PAGE_HALVES // 2  # with fewer left, a process appends more in the background
EMPTY = bytes(HALF_BYTES)  # no half has only zeros, but a damaged file may have them

logger = logging.getLogger(__name__)


class Destroyed(CannotOpen):
    """Somebody deleted the data that needs this half."""


class Halves:
    def __init__(self) -> None:
        self._opened: Store | None = None
        self._fresh: deque[int] = deque()
        self._next_count = PAGE_HALVES
        self._refilling = threading.Lock()
        self._will_refill = False

    def open(self, folder: Path, run: Run | None = None, *, in_database: bool = False) -> None:
        """Open the database's halves, or make the first ones for a database that has none.

        `run` calls the functions that sync the disk, without blocking the loop meanwhile. Raises
        HalvesUnusable.
        """
        self.close()
        known = database["meta"].find_one({"_id": "halves"}) or _begin(
            folder, in_database=in_database
        )
        if in_database != (known["name"] == collection.NAME):
            where = "file" if in_database else "database"
            raise HalvesUnusable(
                f"HALVES: those of this database do not lie there; set HALVES={where}."
            )
        if in_database:
            self._opened = HalvesCollection()
        else:
            self._opened = HalvesFile(folder, known["name"], known["count"], run)

    def close(self) -> None:
        if self._opened:
            self._opened.close()
            self._opened = None
        self._fresh.clear()
        self._next_count = PAGE_HALVES

    def warm_up(self) -> None:
        """Append halves before the first `take`. Raises Unavailable, DatabaseError."""
        self._refill(FEW)

    def take(self) -> int:
        """Return the number of a durable half that nobody uses.

        Raises Unavailable when the disk is full or fails.
        """
        if len(self._fresh) < FEW and not self._will_refill:
            self._will_refill = True
            threading.Thread(target=self._refill_in_background, daemon=True).start()
        while True:
            try:
                return self._fresh.popleft()
            except IndexError:
                self._refill(1)

    def of(self, number: int, place: str) -> bytes:
        """Return a half. `place` names the data that needs it. Raises Destroyed, CannotOpen."""
        half = self._store.read(number)
        if half == DESTROYED:
            raise Destroyed(f"{place}: it was deleted")
        if number < PAGE_HALVES or len(half) < HALF_BYTES or half == EMPTY:
            raise CannotOpen(f"{place}: half {number} is not in {self._store}")
        return half

    def is_destroyed(self, number: int) -> bool:
        return self._store.read(number) == DESTROYED

    def copy(self, at_once: int) -> Iterator[bytes]:
        """Yield the file of halves, `at_once` bytes at a time; nothing where it is no file."""
        if isinstance(self._opened, HalvesFile):
            yield from self._opened.copy(at_once)

    def destroy(self, numbers: Iterable[int]) -> None:
        """Overwrite halves durably, so that nobody can open the data that needs them. Idempotent.

        Raises Unavailable when the disk fails.
        """
        if found := [number for number in numbers if number > PROOF_NUMBER]:
            try:
                self._store.overwrite(found)
            except OSError as error:
                raise _unavailable(error) from error

    @property
    def _store(self) -> Store:
        if self._opened is None:
            raise RuntimeError("the halves are not open: create_app does it")
        return self._opened

    def _refill_in_background(self) -> None:
        try:
            self._refill(FEW)
        except Unavailable as error:
            _warn(error.reason)
        except PyMongoError as error:
            _warn(str(error))
        finally:
            self._will_refill = False

    def _refill(self, least: int) -> None:
        """Append halves for this process if fewer than `least` are left.

        Each call appends twice as many as the call before. So a process that needs few halves
        leaves few unused.
        """
        seconds = seconds_left()
        if not self._refilling.acquire(timeout=-1 if seconds is None else seconds):
            raise Unavailable(reason="waited in vain for halves of keys that another request makes")
        try:
            if len(self._fresh) < least:
                count = self._next_count
                first = self._store.append(count)
                # With this count, `open` recognises a copy of the file older than the database.
                database["meta"].update_one(
                    {"_id": "halves"}, {"$max": {"count": Int64(first + count)}}
                )
                self._fresh.extend(range(first, first + count))
                self._next_count = min(2 * count, MOST_AT_ONCE)
        except OSError as error:
            raise _unavailable(error) from error
        finally:
            self._refilling.release()


def _begin(folder: Path, *, in_database: bool) -> Record:
    """Make the first halves of a database. If several processes do so at once, one wins."""
    if in_database:
        name = collection.NAME
        with suppress(DuplicateKeyError):
            collection.add_page(PROOF_NUMBER // PAGE_HALVES)
    else:
        name = HalvesFile.make(folder)
    try:
        database["meta"].insert_one(
            {"_id": "halves", "name": name, "count": Int64(2 * PAGE_HALVES)}
        )
    except DuplicateKeyError:
        if not in_database:
            HalvesFile.unmake(folder, name)
    known = database["meta"].find_one({"_id": "halves"})
    assert known
    return known


def _warn(reason: str | None) -> None:
    """Log why no halves are ready. A caller who needs a half tries again, and gets the error."""
    logger.warning("no halves of keys could be made ahead", extra={"reason": reason})


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable(reason=f"the halves of keys cannot be written: {error}")


halves = Halves()
