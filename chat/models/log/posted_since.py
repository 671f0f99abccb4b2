"""In which rooms something was posted since a moment, by the times in the entries' ids."""

from __future__ import annotations

from datetime import datetime

from chat.models.database import database
from chat.models.document import LAST_ID, Id, first_id_at


def rooms_posted_in(since: datetime) -> list[Id]:
    """Return the rooms whose logs got entries that were made since then, each once."""
    query = {"_id": {"$gte": first_id_at(since), "$lte": LAST_ID}}
    records = database["log"].find(query, {"room_id": 1, "_id": 0})
    return list(dict.fromkeys(record["room_id"] for record in records))
