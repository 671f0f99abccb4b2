"""Image quotas: how many bytes of images each person may store, and all people together.

Counters make it unnecessary to add up all images for every upload. One atomic update checks the
limit and raises the counter, so concurrent uploads in any process cannot exceed the limit. A crash
can leave a counter wrong. So a job recounts every changed counter from the images, once nothing
has changed the counter for a while.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from bson import Int64
from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.models.document import Id
from chat.utils.clock import now
from chat.utils.errors import TooLarge
from chat.utils.sentences import N_

EVERYBODY = "everybody"
# A counter is recounted when nothing has changed it for so long. The few operations between the
# change of a counter and the change of its image take less time.
QUIET_FOR = timedelta(seconds=30)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # earlier than every change: a range's lower end
SWEEP = 500  # counters in one query of the job
SERVER_IS_FULL = N_("The picture storage of this chat is full. Ask an administrator.")
PERSON_IS_FULL = N_("Your pictures use all the storage of one person. Delete some first.")

Who: TypeAlias = Id | str


def bytes_of(who: Who) -> int:
    record = database["usage"].find_one({"_id": who}) or {"bytes": 0}
    return int(record["bytes"])


def bytes_left(
    user_id: Id, size: int, *, most_of_person: int, most_of_everybody: int
) -> int | None:
    """Return how many more bytes a person may store, or None if there is no limit. Count nothing.

    Raises TooLarge when fewer than `size` bytes are left.
    """
    left: list[int] = []
    for who, most, refusal in (
        (EVERYBODY, most_of_everybody, SERVER_IS_FULL),
        (user_id, most_of_person, PERSON_IS_FULL),
    ):
        if most:
            left.append(max(0, most - bytes_of(who)))
            if left[-1] < size:
                raise TooLarge(refusal)
    return min(left, default=None)


def reserve(user_id: Id, size: int, *, most_of_person: int, most_of_everybody: int) -> None:
    """Count `size` more bytes of a person, if both limits allow it. A limit of 0 means no limit.

    Raises TooLarge, without counting anything, when a limit forbids it.
    """
    if not _add(EVERYBODY, size, most_of_everybody):
        raise TooLarge(SERVER_IS_FULL)
    if not _add(user_id, size, most_of_person):
        _add(EVERYBODY, -size)
        raise TooLarge(PERSON_IS_FULL)


def release(user_id: Id, size: int) -> None:
    for who in (EVERYBODY, user_id):
        _add(who, -size)


def mark_changed(user_id: Id) -> None:
    """Mark the counters as changed before an image is deleted.

    This keeps `recount` away for QUIET_FOR; by then the caller must have called `release`.
    """
    for who in (EVERYBODY, user_id):
        _add(who, 0)


def recount() -> int:
    """Correct the counters that changed, but not within QUIET_FOR. Return how many were wrong."""
    query = {"counted": False, "changed_at": {"$gte": BEGINNING, "$lt": now() - QUIET_FOR}}
    return sum(_correct(record) for record in list(database["usage"].find(query).limit(SWEEP)))


def recount_all() -> None:
    """Correct every counter, while nothing changes one: after a restore."""
    for record in list(database["usage"].find()):
        if record["_id"] != EVERYBODY:
            _correct(record)
    if total := database["usage"].find_one({"_id": EVERYBODY}):
        _correct(total)


def problems() -> Iterator[str]:
    """Yield a sentence for each wrong counter that is quiet now, for `bin/chat verify`."""
    for record in list(database["usage"].find()):
        right = _count(record["_id"])
        if record["changed_at"] < now() - QUIET_FOR and record["bytes"] != right:
            yield (
                f"usage of {record['_id']}: {record['bytes']} bytes of pictures are counted, "
                f"but there are {right}"
            )


def _add(who: Who, size: int, most: int = 0) -> bool:
    query: Record = {"_id": who}
    if most:
        query["bytes"] = {"$lte": most - size}
    change = {"$inc": {"bytes": Int64(size)}, "$set": {"changed_at": now(), "counted": False}}
    while not database["usage"].update_one(query, change).matched_count:
        record = database["usage"].find_one({"_id": who})
        if record and most and record["bytes"] > most - size:
            return False
        if record is None:
            with contextlib.suppress(DuplicateKeyError):  # another upload inserted it first
                database["usage"].insert_one(
                    {"_id": who, "bytes": Int64(0), "changed_at": now(), "counted": False}
                )
    return True


def _correct(record: Record) -> bool:
    """Correct a counter. Return whether it was wrong and this call corrected it.

    A counter that changes meanwhile stays as it is until the next run.
    """
    right = _count(record["_id"])
    as_it_was = {"_id": record["_id"], "changed_at": record["changed_at"]}
    corrected = (
        database["usage"]
        .update_one(as_it_was, {"$set": {"bytes": Int64(right), "counted": True}})
        .matched_count
    )
    wrong_by = right - record["bytes"]
    if corrected and wrong_by and record["_id"] != EVERYBODY:
        _add(EVERYBODY, wrong_by)
    return bool(corrected and wrong_by)


def _count(who: Who) -> int:
    if who == EVERYBODY:
        return sum(
            record["bytes"] for record in database["usage"].find() if record["_id"] != EVERYBODY
        )
    return sum(
        record["stored"] for record in database["images"].find({"uploader_id": who}, {"stored": 1})
    )
