"""Mentions: an index of the messages that name a person, over all rooms, by time.

A mention is recorded before its message is stored, so that no crash between the two loses it.
Therefore the index may contain a mention whose message was never stored, or was edited and names
somebody else now. Only the message says whom it names, so every reader of the index checks it.

One record of an `@room` mention lists every person in the room. So a person's mentions are one
range of one index, however many rooms the person is in.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.utils.clock import now

# The seconds of the first range that is read for a page. Half of them may be in the future.
FIRST_SPAN = 48 * 3600
LONGER = 24  # each further range is so many times as long as the one before
# How far in the future the time of a message may be, because clocks of machines differ.
AHEAD = timedelta(days=1)


def note(message_id: Id, audience: Collection[Id]) -> None:
    """Record that a message names these people. Idempotent."""
    noted = {user_id for record in _of(message_id) for user_id in record["audience"]}
    if missing := [user_id for user_id in audience if user_id not in noted]:
        database["mentions"].insert_one(
            {"_id": new_id(), "audience": missing, "message_id": message_id}
        )


def forget(*message_ids: Id) -> None:
    """Delete messages' mentions."""
    database["mentions"].delete_many({"message_id": {"$in": list(message_ids)}})


def newest(user_id: Id, before: Id, limit: int) -> list[Id]:
    """Return the messages before `before` that name a person, newest first.

    The embedded database reads a whole range before it applies the limit. So the first range is
    short, and the ranges grow until enough messages are found.
    """
    # Messages may name a person from the creation of the account on. The time is rounded down to a
    # second, because the ids of two processes have no order within one second.
    first = Id.from_datetime(user_id.generation_time)
    # `before` may be the highest possible id. Then the first range would lie far in the future.
    before = min(before, Id.from_datetime(now() + AHEAD))
    span = FIRST_SPAN
    found: set[Id] = set()
    while len(found) < limit and before > first:
        since = max(first, _earlier(before, span))
        query = {"audience": user_id, "message_id": {"$gte": since, "$lt": before}}
        ids = (
            database["mentions"].find(query, {"message_id": 1}).sort("message_id", -1).limit(limit)
        )
        found |= {record["message_id"] for record in ids}
        before = since
        span *= LONGER
    return sorted(found, reverse=True)[:limit]


def _of(message_id: Id) -> list[Record]:
    return list(database["mentions"].find({"message_id": message_id}, {"audience": 1}))


def _earlier(message_id: Id, seconds: int) -> Id:
    """Return the first id that is `seconds` earlier: an id begins with its time of creation."""
    made = int(message_id.generation_time.timestamp())
    return Id(max(0, made - seconds).to_bytes(4, "big") + bytes(8))
