"""End the sessions of an older program, whose tokens are not valid any more."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database


def end_sessions(data: Database[dict[str, Any]]) -> None:
    """Delete every session, so that people sign in again."""
    data["sessions"].delete_many({})
