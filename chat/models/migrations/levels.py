"""Migrate data of version 6 to version 7: levels of notifications, of which `all` means more now.

The level was stored as `notifications`, where `all` meant mentions and direct messages. It is
stored as `level` now, where `all` means every message. The step is idempotent, and may be
interrupted: it changes only records that have no `level` yet, so it undoes no choice made since.
"""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from chat.models.migrations.dropping import drop_index
from chat.utils.chunks import chunks_of

Record = dict[str, Any]

CHUNK = 200  # rooms in one query
OLD_INDEX = "room_id_1_notifications_1"
IN_DIRECT_ROOMS = {"all": "all", "mentions": "mentions", "nothing": "nothing"}
ELSEWHERE = {"all": "mentions", "mentions": "mentions", "nothing": "nothing"}


def separate_levels(data: Database[Record]) -> None:
    """Give every membership a `level` that notifies its person as before."""
    direct = data["rooms"].find({"kind": "direct"}, {"_id": 1})
    for chunk in chunks_of([room["_id"] for room in direct], CHUNK):
        _rename(data, {"room_id": {"$in": chunk}}, IN_DIRECT_ROOMS)
    _rename(data, {}, ELSEWHERE)
    drop_index(data["memberships"], OLD_INDEX)


def _rename(data: Database[Record], some: Record, levels: dict[str, str]) -> None:
    for before, after in levels.items():
        data["memberships"].update_many(
            {**some, "notifications": before, "level": {"$exists": False}},
            {"$set": {"level": after}, "$unset": {"notifications": ""}},
        )
