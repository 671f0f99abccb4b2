"""What the data of earlier versions lacks, and how it gets it: at the start, before anybody is served.

Each step may be ended by a crash or done by two processes at once, and is then simply done again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from bson import Binary
from pymongo import UpdateOne

from chat.models.database import SCHEMA_VERSION, Record, database
from chat.models.image.stored import seal_detail
from chat.models.key_ring import key_ring
from chat.models.posting import FREE
from chat.models.room import seal_topic
from chat.utils.encryption import CannotOpen

AT_A_TIME = 500  # records

logger = logging.getLogger(__name__)


def migrate() -> None:
    """Brings the data up to this program's version. Raises DatabaseError, CannotOpen."""
    version = int((database["meta"].find_one({"_id": "schema"}) or {})["version"])
    for step in STEPS[version - 1 :]:
        logger.info("data of an earlier version is migrated", extra={"version": version, "step": step.__name__})
        step()
        version += 1
        database["meta"].update_one({"_id": "schema"}, {"$max": {"version": version}})


def to_halves() -> None:
    """Every key is wrapped with a half; topics and previews are sealed; the index is made anew, with halves, by the usual job.

    Texts stay as they are: they open without halves of their own.
    """
    key_ring.rewrap_all()
    _seal_in_place("rooms", "topic", lambda record: seal_topic(record["_id"], record["topic"]))
    _seal_in_place("images", "placeholder", _sealed_placeholder)
    database["postings"].delete_many({})
    nothing: Record = {"seq": 0, "ordinal": 0, "blocks": Binary(b""), "spent": [], "claimed_until": FREE}
    database["indexed_rooms"].update_many({}, {"$inc": {"claim": 1}, "$set": nothing})


def _sealed_placeholder(record: Record) -> Binary:
    return seal_detail(record["room_id"], record["_id"], None, "placeholder", record["placeholder"])


def _seal_in_place(collection: str, field: str, seal: Callable[[Record], bytes | None]) -> None:
    """Seals a field of all records that have it in clear."""
    writes: list[UpdateOne] = []
    for record in _with_text(collection, field):
        try:
            writes.append(UpdateOne({"_id": record["_id"], field: record[field]}, {"$set": {field: seal(record)}}))
        except CannotOpen as error:  # of a room that is being deleted
            logger.warning("a record stays as it is", extra={"collection": collection, "reason": str(error)})
    for first in range(0, len(writes), AT_A_TIME):
        database[collection].bulk_write(writes[first : first + AT_A_TIME], ordered=False)


def _with_text(collection: str, field: str) -> Iterator[Record]:
    for record in list(database[collection].find({}, {"room_id": 1, field: 1})):
        if isinstance(record.get(field), str):
            yield record


# Step n, from 1 on, leads from version n to version n + 1.
STEPS: list[Callable[[], None]] = [to_halves]
assert len(STEPS) + 1 == SCHEMA_VERSION
