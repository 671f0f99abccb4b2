"""Who is connected to which process, kept by each process for the others: what one that died left goes by itself."""

from __future__ import annotations

import functools
import secrets
from datetime import timedelta

from chat.models.database import database
from chat.models.document import Id
from chat.utils.clock import now

LIVES_FOR = timedelta(
    seconds=45
)  # since it was last written; nobody seems to be there for longer than a minute after a crash
AHEAD = timedelta(days=1)  # a range has two ends

Statuses = dict[Id, str]


@functools.cache
def me() -> str:
    """This process. Made when first asked for: workers are forked off a program that is loaded, and must not be one and the same."""
    return secrets.token_hex(8)


def keep(statuses: Statuses) -> None:
    """Who is connected to this process, and whether they are "online" or "away"."""
    people = [[user_id, status] for user_id, status in statuses.items()]
    database["presences"].update_one(
        {"_id": me()}, {"$set": {"at": now(), "people": people}}, upsert=True
    )


def kept_by_others() -> dict[str, Statuses]:
    """The same of the other processes that are alive."""
    query = {"at": {"$gte": now() - LIVES_FOR, "$lt": now() + AHEAD}}
    return {
        record["_id"]: dict(record["people"])
        for record in database["presences"].find(query)
        if record["_id"] != me()
    }


def forget() -> None:
    """This process ends."""
    database["presences"].delete_one({"_id": me()})
