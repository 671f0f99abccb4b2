"""Resealing: migrations of data that earlier programs left unsealed, or sealed in another way.

These steps run when the chat starts, before the server admits clients. They need the keys, so they
run after the proofs of the keys are checked. Steps without keys are in `migrations/` and run first.
Each step is idempotent: a crash may interrupt it, or two processes may run it at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pymongo
from bson import Binary
from pymongo import UpdateOne

from chat.models import title_index
from chat.models.database import Record, database
from chat.models.database.errors import DataFromNewerProgram
from chat.models.image.storable import seal_detail
from chat.models.key_ring import key_ring
from chat.models.migrations import STEP_SECONDS
from chat.models.room_topic import seal_topic
from chat.models.search.index_lease import NOTHING_INDEXED
from chat.utils.chunks import chunks_of
from chat.utils.encryption import CannotOpen

AT_A_TIME = 500  # records

logger = logging.getLogger(__name__)


def reseal() -> None:
    """Migrate sealed data to this program's version.

    Raises DatabaseError, CannotOpen, DataFromNewerProgram.
    """
    version = _version()
    if version > SEALING_VERSION:
        raise DataFromNewerProgram(
            f"The data is sealed in version {version}, this program knows {SEALING_VERSION}; "
            "start the newer program that wrote it."
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
    """Return the version in which the data is sealed.

    A database without a key contains nothing sealed, and begins with this program's version.
    """
    known = database["meta"].find_one({"_id": "sealing"})
    if known:
        return int(known["version"])
    if database["keys"].find_one({}, {"_id": 1}):
        return 0
    _note(SEALING_VERSION)
    return SEALING_VERSION


def _note(version: int) -> None:
    database["meta"].update_one({"_id": "sealing"}, {"$max": {"version": version}}, upsert=True)


def to_halves() -> None:
    """Wrap every key with a half, seal topics and previews, and delete the search index.

    The usual job rebuilds the index, with halves. The texts of messages stay as they are, because
    this program also opens texts that have no half of their own.
    """
    key_ring.rewrap_all()
    _seal_in_place("rooms", "topic", lambda record: seal_topic(record["_id"], record["topic"]))
    _seal_in_place("images", "placeholder", _sealed_placeholder)
    database["postings"].delete_many({})
    database["indexed_rooms"].update_many({}, {"$inc": {"claim": 1}, "$set": NOTHING_INDEXED})


def _sealed_placeholder(record: Record) -> Binary:
    return seal_detail(record["room_id"], record["_id"], None, "placeholder", record["placeholder"])


def _seal_in_place(collection: str, field: str, seal: Callable[[Record], bytes | None]) -> None:
    """Seal a field of all records that contain it in clear text."""
    writes: list[UpdateOne] = []
    for record in _with_text(collection, field):
        try:
            writes.append(
                UpdateOne(
                    {"_id": record["_id"], field: record[field]}, {"$set": {field: seal(record)}}
                )
            )
        except CannotOpen as error:  # somebody is deleting the record's room
            logger.warning(
                "a record stays as it is", extra={"collection": collection, "reason": str(error)}
            )
    for chunk in chunks_of(writes, AT_A_TIME):
        database[collection].bulk_write(chunk, ordered=False)


def _with_text(collection: str, field: str) -> Iterator[Record]:
    for record in list(database[collection].find({}, {"room_id": 1, field: 1})):
        if isinstance(record.get(field), str):
            yield record


# Step n, counted from 1, migrates to version n.
STEPS: tuple[Callable[[], None], ...] = (to_halves, title_index.index_all)
SEALING_VERSION = len(STEPS)
