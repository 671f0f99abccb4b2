"""Sessions of an older program end: none of its tokens is valid any more."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database


def end_sessions(kept: Database[dict[str, Any]]) -> None:
    """Delete every session; people sign in again."""
    kept["sessions"].delete_many({})
