"""Halves in the database itself, for several machines that share no folder: a page is a record.

A deletion then removes a half from the live data. A journal, an oplog and backups have the half for
as long as they have the rest.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from pymongo.errors import DuplicateKeyError

from chat.models.database import database
from chat.models.database.deadline import seconds_left
from chat.models.halves.store import A_PAGE, DESTROYED, HALF_BYTES
from chat.utils.ttl_cache import TtlCache

NAME = "database"  # what the database stores in place of a file's name
PAGES_CACHED = 1_000
SECONDS = 10.0  # after which this process sees another one's deletion, at the latest


class HalvesCollection:
    def __init__(self) -> None:
        self._pages: TtlCache[int, list[bytes]] = TtlCache(PAGES_CACHED, SECONDS, seconds_left)

    def __str__(self) -> str:
        return "the database"

    def close(self) -> None:
        self._pages.clear()

    def append(self, count: int) -> int:
        known = database["meta"].find_one({"_id": "halves"}) or {"count": 2 * A_PAGE}
        first = int(known["count"]) // A_PAGE
        page = first
        while page < first + count // A_PAGE:
            try:
                add_page(page)
            except DuplicateKeyError:
                # Another process has this page, and the pages of one call must be contiguous.
                first = page + 1
            page += 1
        return first * A_PAGE

    def read(self, number: int) -> bytes:
        page = self._pages.get_or_load(number // A_PAGE, lambda: _read(number // A_PAGE))
        return page[number % A_PAGE] if page else b""

    def overwrite(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            database["halves"].update_one(
                {"_id": number // A_PAGE}, {"$set": {f"halves.{number % A_PAGE}": DESTROYED}}
            )
            self._pages.invalidate(number // A_PAGE)


def add_page(page: int) -> None:
    """Add a page of random halves. Raises DuplicateKeyError."""
    database["halves"].insert_one(
        {"_id": page, "halves": [os.urandom(HALF_BYTES) for _ in range(A_PAGE)]}
    )


def _read(page: int) -> list[bytes] | None:
    record = database["halves"].find_one({"_id": page})
    return list(record["halves"]) if record else None
