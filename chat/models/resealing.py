"""What earlier programs left unsealed, or sealed in another way, and how it gets sealed: at the start, before anybody is served.

These steps need the keys, so they come after those are proved; what needs none is in `migrations/`, and came before. Each may be
ended by a crash or done by two processes at once, and is then simply done again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pymongo
from bson import Binary
from pymongo import UpdateOne

from chat.models.database import DataFromNewerProgram, Record, database
from chat.models.image.storable import seal_detail
from chat.models.key_ring import key_ring
from chat.models.migrations import STEP_SECONDS
from chat.models.room import seal_topic
from chat.models.search_index import FREE
from chat.utils.encryption import CannotOpen

AT_A_TIME = 500  # records

logger = logging.getLogger(__name__)


def reseal() -> None:
    """Brings what is sealed up to this program's version. Raises DatabaseError, CannotOpen, DataFromNewerProgram."""
    version = _version()
    if version > SEALING_VERSION:
        raise DataFromNewerProgram(
            f"The data is sealed in version {version}, this program knows {SEALING_VERSION}; start the newer program that wrote it."
        )
    for number, step in enumerate(STEPS[version:], version + 1):
        logger.info(
            "data of an earlier version is sealed anew",
            extra={"to_version": number, "step": step.__name__},
        )
        with pymongo.timeout(STEP_SECONDS):
            step()
        _note(number)


def is_due() -> bool:
    return _version() < SEALING_VERSION


def _version() -> int:
    """In which version the data is sealed; a database without a key has nothing sealed, and begins with this program's."""
    known = database["meta"].find_one({"_id": "sealing"})
    if known is None and database["keys"].find_one({}, {"_id": 1}) is None:
        _note(SEALING_VERSION)
        return SEALING_VERSION
    return int(known["version"]) if known else 0


def _note(version: int) -> None:
    database["meta"].update_one({"_id": "sealing"}, {"$max": {"version": version}}, upsert=True)


def to_halves() -> None:
    """Every key is wrapped with a half; topics and previews are sealed; the index is made anew, with halves, by the usual job.

    Texts stay as they are: they open without halves of their own.
    """
    key_ring.rewrap_all()
    _seal_in_place("rooms", "topic", lambda record: seal_topic(record["_id"], record["topic"]))
    _seal_in_place("images", "placeholder", _sealed_placeholder)
    database["postings"].delete_many({})
    nothing: Record = {
        "seq": 0,
        "ordinal": 0,
        "blocks": Binary(b""),
        "spent": [],
        "claimed_until": FREE,
    }
    database["indexed_rooms"].update_many({}, {"$inc": {"claim": 1}, "$set": nothing})


def _sealed_placeholder(record: Record) -> Binary:
    return seal_detail(record["room_id"], record["_id"], None, "placeholder", record["placeholder"])


def _seal_in_place(collection: str, field: str, seal: Callable[[Record], bytes | None]) -> None:
    """Seals a field of all records that have it in clear."""
    writes: list[UpdateOne] = []
    for record in _with_text(collection, field):
        try:
            writes.append(
                UpdateOne(
                    {"_id": record["_id"], field: record[field]}, {"$set": {field: seal(record)}}
                )
            )
        except CannotOpen as error:  # of a room that is being deleted
            logger.warning(
                "a record stays as it is", extra={"collection": collection, "reason": str(error)}
            )
    for first in range(0, len(writes), AT_A_TIME):
        database[collection].bulk_write(writes[first : first + AT_A_TIME], ordered=False)


def _with_text(collection: str, field: str) -> Iterator[Record]:
    for record in list(database[collection].find({}, {"room_id": 1, field: 1})):
        if isinstance(record.get(field), str):
            yield record


# Step n, counted from 1, leads to version n.
STEPS: tuple[Callable[[], None], ...] = (to_halves,)
SEALING_VERSION = len(STEPS)
