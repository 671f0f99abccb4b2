"""Which messages name somebody: an index over all rooms, by time. What a message says now is in the message alone.

A mention is noted before its message is kept, so that no crash between the two loses it. So one may be here whose
message never came to be, or names somebody else by now; whoever reads looks at the message.

`@room` is noted for each person who is in the room, in one record: so the list of what names
somebody is one range of one index, however many rooms they are in.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.utils.clock import now

FIRST_SPAN = (
    48 * 3600
)  # seconds that are looked through for a page, half of them ahead; if they do not fill it, more
LONGER = 24  # times
AHEAD = timedelta(
    days=1
)  # no message is from later than this, whatever the clock of the machine it came from


def note(message_id: Id, audience: Collection[Id]) -> None:
    """A message names these people. Again is harmless."""
    noted = {user_id for record in _of(message_id) for user_id in record["audience"]}
    if missing := [user_id for user_id in audience if user_id not in noted]:
        database["mentions"].insert_one(
            {"_id": new_id(), "audience": missing, "message_id": message_id}
        )


def forget(message_id: Id) -> None:
    """Nothing is known any more of whom a message named."""
    database["mentions"].delete_many({"message_id": message_id})


def newest(user_id: Id, before: Id, limit: int) -> list[Id]:
    """Messages before `before` that name somebody, newest first.

    The embedded database reads all of a range before it limits it: so ranges are short, and grow only while they hold too little.
    """
    # By the second: within one, the ids of two processes are in no order, and somebody may be named as soon as they are here.
    first = Id.from_datetime(user_id.generation_time)
    before = min(before, Id.from_datetime(now() + AHEAD))  # the first range is one of these days
    span, found = FIRST_SPAN, set[Id]()
    while len(found) < limit and before > first:
        since = max(first, _earlier(before, span))
        query = {"audience": user_id, "message_id": {"$gte": since, "$lt": before}}
        ids = (
            database["mentions"].find(query, {"message_id": 1}).sort("message_id", -1).limit(limit)
        )
        found |= {record["message_id"] for record in ids}
        before, span = since, span * LONGER
    return sorted(found, reverse=True)[:limit]


def _of(message_id: Id) -> list[Record]:
    return list(database["mentions"].find({"message_id": message_id}, {"audience": 1}))


def _earlier(message_id: Id, seconds: int) -> Id:
    """An id begins with the second in which it was made."""
    made = int(message_id.generation_time.timestamp())
    return Id(max(0, made - seconds).to_bytes(4, "big") + bytes(8))
