"""Which messages name somebody: an index over all rooms, by time. What a message says now is in the message alone.

A mention is noted before its message is kept, so that no crash between the two loses it. So one may be here whose
message never came to be, or names somebody else by now; whoever reads looks at the message.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pymongo.errors import BulkWriteError

from chat.models.database import database
from chat.models.document import Id, new_id

DUPLICATE = 11000              # MongoDB's error code
FIRST_SPAN = 30 * 24 * 3600    # seconds that are looked through for a page; if they do not fill it, more
LONGER = 12                    # times


def note(message_id: Id, audiences: Collection[Id]) -> None:
    """A message names these: people, or its room for everybody in it. Again is harmless."""
    records = [{"_id": new_id(), "audience": audience, "message_id": message_id} for audience in audiences]
    try:
        database["mentions"].insert_many(records, ordered=False)
    except BulkWriteError as error:
        if any(each["code"] != DUPLICATE for each in (error.details or {})["writeErrors"]):
            raise


def forget(message_id: Id) -> None:
    """Nothing is known any more of whom a message named."""
    database["mentions"].delete_many({"message_id": message_id})


def newest(audiences: Mapping[Id, Id], before: Id, limit: int) -> list[Id]:
    """Messages before `before` that name one of these audiences, newest first; of each audience none before the id given with it.

    The embedded database reads all of a range before it limits it: so ranges are short, and grow only while they hold too little.
    """
    first, span, found = min(audiences.values()), FIRST_SPAN, set[Id]()
    while len(found) < limit and before > first:
        since = max(first, _earlier(before, span))
        for audience, least in audiences.items():
            query = {"audience": audience, "message_id": {"$gte": max(least, since), "$lt": before}}
            ids = database["mentions"].find(query, {"message_id": 1}).sort("message_id", -1).limit(limit)
            found |= {record["message_id"] for record in ids}
        before, span = since, span * LONGER
    return sorted(found, reverse=True)[:limit]


def _earlier(message_id: Id, seconds: int) -> Id:
    """An id begins with the second in which it was made."""
    made = int(message_id.generation_time.timestamp())
    return Id(max(0, made - seconds).to_bytes(4, "big") + bytes(8))
