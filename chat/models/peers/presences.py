"""Presences: who is connected to which process.

Each process stores the presences of its own people for the other processes. The record of a process
that died expires by itself.
"""

from __future__ import annotations

import functools
import secrets
from datetime import timedelta

from chat.models.database import database
from chat.models.document import Id
from chat.utils.clock import now

# A record counts for so long after its last write. So after a crash nobody appears online for
# longer than a minute.
LIVES_FOR = timedelta(seconds=45)
AHEAD = timedelta(days=1)  # later than every record: the upper end of a range

Statuses = dict[Id, str]


@functools.cache
def process_id() -> str:
    """Return the id of this process, which the first call makes.

    An id made at import would be the same in all workers, which fork from a loaded program.
    """
    return secrets.token_hex(8)


def store(statuses: Statuses) -> None:
    """Store who is connected to this process, and whether they are "online" or "away"."""
    people = [[user_id, status] for user_id, status in statuses.items()]
    database["presences"].update_one(
        {"_id": process_id()}, {"$set": {"at": now(), "people": people}}, upsert=True
    )


def of_others() -> dict[str, Statuses]:
    """Return the people connected to each other live process, with their statuses."""
    query = {"at": {"$gte": now() - LIVES_FOR, "$lt": now() + AHEAD}}
    return {
        record["_id"]: dict(record["people"])
        for record in database["presences"].find(query)
        if record["_id"] != process_id()
    }


def delete() -> None:
    """Delete the presences of this process, because the process ends."""
    database["presences"].delete_one({"_id": process_id()})
