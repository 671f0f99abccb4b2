"""Migrate data of version 8 to version 9: no index lets records expire.

A job deletes them (see `expiry.py`). An index of the same fields would otherwise keep its option.
The step is idempotent.
"""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from chat.models.migrations.dropping import drop_index


def let_no_index_expire_records(data: Database[dict[str, Any]]) -> None:
    """Drop every index that lets records expire. The start makes them again, without that."""
    for name in data.list_collection_names():
        for index in list(data[name].list_indexes()):
            if "expireAfterSeconds" in index:
                drop_index(data[name], index["name"])
