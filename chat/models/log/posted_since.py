"""In which rooms something was posted since a moment, by the times in the entries' ids."""

from __future__ import annotations

from datetime import datetime

from chat.models.database import database
from chat.models.document import Id

LAST = Id(b"\xff" * 12)  # the upper end of a range


def rooms_posted_in(since: datetime) -> list[Id]:
    """Return the rooms whose logs got entries that were made since then, each once."""
    first = Id(int(since.timestamp() * 65_536).to_bytes(6, "big") + bytes(6))
    records = database["log"].find({"_id": {"$gte": first, "$lte": LAST}}, {"room_id": 1, "_id": 0})
    return list(dict.fromkeys(record["room_id"] for record in records))
