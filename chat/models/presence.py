"""Who is connected to which process, kept by each process for the others: what one that died left goes by itself."""

from __future__ import annotations

import secrets
from datetime import timedelta

from chat.models.database import database
from chat.models.document import Id
from chat.utils.clock import now

LIVES_FOR = timedelta(seconds=45)  # since it was last written; nobody seems to be there for longer than a minute after a crash
AHEAD = timedelta(days=1)          # a range has two ends
ME = secrets.token_hex(8)          # this process

Statuses = dict[Id, str]


def keep(statuses: Statuses) -> None:
    """Who is connected to this process, and whether they are "online" or "away"."""
    people = [[user_id, status] for user_id, status in statuses.items()]
    database["presences"].update_one({"_id": ME}, {"$set": {"at": now(), "people": people}}, upsert=True)


def kept_by_others() -> dict[str, Statuses]:
    """The same of the other processes that are alive."""
    query = {"at": {"$gte": now() - LIVES_FOR, "$lt": now() + AHEAD}}
    return {record["_id"]: dict(record["people"]) for record in database["presences"].find(query) if record["_id"] != ME}


def forget() -> None:
    """This process ends."""
    database["presences"].delete_one({"_id": ME})
