"""Halves in the database itself, for several machines that share no folder.

One record stores a page of halves. A deletion then removes the half from the live data only. A
journal, an oplog or a backup keeps the half for as long as it keeps the deleted data.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from pymongo.errors import DuplicateKeyError

from chat.models.database import database, seconds_left
from chat.models.halves.store import DESTROYED, HALF_BYTES, PAGE_HALVES
from chat.utils.ttl_cache import TtlCache

NAME = "database"  # the database stores this word instead of a file's name
PAGES_CACHED = 1_000
SECONDS = 10.0  # how long a page is cached: so long this process may miss another one's deletion


class HalvesCollection:
    def __init__(self) -> None:
        self._pages: TtlCache[int, list[bytes]] = TtlCache(PAGES_CACHED, SECONDS, seconds_left)

    def __str__(self) -> str:
        return "the database"

    def close(self) -> None:
        self._pages.clear()

    def append(self, count: int) -> int:
        known = database["meta"].find_one({"_id": "halves"}) or {"count": 2 * PAGE_HALVES}
        first = int(known["count"]) // PAGE_HALVES
        page = first
        while page < first + count // PAGE_HALVES:
            try:
                add_page(page)
            except DuplicateKeyError:
                # Another process has this page, and the pages of one call must be contiguous.
                first = page + 1
            page += 1
        return first * PAGE_HALVES

    def read(self, number: int) -> bytes:
        page = self._pages.get_or_load(number // PAGE_HALVES, lambda: _read(number // PAGE_HALVES))
        return page[number % PAGE_HALVES] if page else b""

    def overwrite(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            database["halves"].update_one(
                {"_id": number // PAGE_HALVES},
                {"$set": {f"halves.{number % PAGE_HALVES}": DESTROYED}},
            )
            self._pages.invalidate(number // PAGE_HALVES)


def add_page(page: int) -> None:
    """Add a page of random halves. Raises DuplicateKeyError."""
    database["halves"].insert_one(
        {"_id": page, "halves": [os.urandom(HALF_BYTES) for _ in range(PAGE_HALVES)]}
    )


def _read(page: int) -> list[bytes] | None:
    record = database["halves"].find_one({"_id": page})
    return list(record["halves"]) if record else None
