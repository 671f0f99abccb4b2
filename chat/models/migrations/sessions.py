"""End the sessions of an older program, whose tokens are not valid any more."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database


def end_sessions(kept: Database[dict[str, Any]]) -> None:
    """Delete every session; people sign in again."""
    kept["sessions"].delete_many({})
