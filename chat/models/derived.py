"""Derived data, which the program rebuilds by itself when the rules for computing it change.

For each kind of derived data, the database stores the version of the rules that computed it. Only
a message's HTML contains the version of its rules itself (`markup.RENDERER`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from chat.models import public_names, title_index
from chat.models.database import database
from chat.models.database.errors import DataFromNewerProgram
from chat.models.migrations.names import make_keys_of_names, see_who_looks_alike
from chat.models.search import indexer
from chat.utils import lookalikes, name_keys, words

FIRST = 1  # the version of derived data without a stored version: the oldest there is

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Derived:
    """One kind of derived data.

    `rebuild` must be idempotent: a start after a crash repeats it, and two processes that start at
    once may both run it.
    """

    name: str
    version: int
    rebuild: Callable[[], None]


def _see_looks() -> None:
    see_who_looks_alike(database["users"].database)


def _make_keys_of_names() -> None:
    make_keys_of_names(database["users"].database)


DERIVED = (
    # Jobs rebuild the index; until then a search scans the rooms.
    Derived("search index", words.VERSION, indexer.forget_all),
    Derived("looks of names", lookalikes.VERSION, _see_looks),
    Derived("keys of names", name_keys.VERSION, _make_keys_of_names),
    Derived("keys of titles", title_index.VERSION, title_index.index_all),
    # One more: rooms that are older than the rule have version 1.
    Derived("names of public rooms", lookalikes.VERSION + 1, public_names.take_all),
)


def is_due() -> bool:
    """Return whether an earlier version of the rules computed any derived data."""
    return any(_version(each) < each.version for each in DERIVED)


def rebuild_outdated() -> None:
    """Rebuild all derived data that an earlier version of its rules computed.

    Raises DataFromNewerProgram, DatabaseError.
    """
    for each in DERIVED:
        version = _version(each)
        if version > each.version:
            raise DataFromNewerProgram(
                f"The {each.name} is of version {version}, this program knows {each.version}; "
                "start the newer program that wrote it."
            )
        if version < each.version:
            if not _is_empty():
                log.info(
                    "derived data is rebuilt",
                    extra={"what": each.name, "from_version": version, "to_version": each.version},
                )
                each.rebuild()
            database["meta"].update_one(
                {"_id": each.name}, {"$max": {"version": each.version}}, upsert=True
            )


def _is_empty() -> bool:
    """Return whether there are no people yet, and so no derived data."""
    return database["users"].find_one({}, {"_id": 1}) is None


def _version(each: Derived) -> int:
    known = database["meta"].find_one({"_id": each.name}) or {"version": FIRST}
    return int(known["version"])
