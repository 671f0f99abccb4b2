"""Pages of everybody's accounts, for administrators."""

from __future__ import annotations

from datetime import UTC, datetime

from chat.models.database import Record, database
from chat.models.user import User
from chat.utils.list_page import ListPage

STATES = ("active", "deactivated", "all")
BEYOND = "\U0010ffff"  # with it begin the keys of accounts that no list has: erasure.py
USUAL_PAGE = 50  # people; no page has more
_EVER = {"$gt": datetime(2000, 1, 1, tzinfo=UTC)}


def page(state: str, after: str) -> ListPage[User, str]:
    """Return a page of accounts in a state, by username. Its cursor is the last username's key."""
    query: Record = {"username_key": {"$gt": after, "$lt": BEYOND}}
    if state != "all":
        query["deactivated_at"] = None if state == "active" else _EVER
    found = database["users"].find(query).sort("username_key").limit(USUAL_PAGE + 1)
    people = [User.from_record(record) for record in found]
    shown = people[:USUAL_PAGE]
    return ListPage(shown, shown[-1].username.casefold() if len(people) > USUAL_PAGE else None)
