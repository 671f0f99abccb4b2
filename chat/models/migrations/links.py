"""Migrate data of version 7 to version 8: a person may have a mailed reset link beside another.

The unique index of the person alone would refuse the second. The step is idempotent, and changes
no link: one from before has no `is_mailed`, and counts as an administrator's.
"""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from chat.models.migrations.dropping import drop_index

OLD_INDEX = "user_id_1"


def let_two_reset_links_be(data: Database[dict[str, Any]]) -> None:
    """Drop the index that allows a person one reset link."""
    drop_index(data["reset_links"], OLD_INDEX)
