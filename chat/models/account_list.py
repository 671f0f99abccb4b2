"""Pages of everybody's accounts, for administrators, and how many there are."""

from __future__ import annotations

from datetime import UTC, datetime

from chat.models.damaged import readable
from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.user import User
from chat.utils.list_page import ListPage

BOTS = "bots"
STATES = ("active", "deactivated", "all", BOTS)  # the others are of people
BEYOND = "\U0010ffff"  # with it begin the keys of accounts that no list has: erasure.py
USUAL_PAGE = 50  # people; no page has more
_EVER = {"$gt": datetime(2000, 1, 1, tzinfo=UTC)}
_SOMEBODY = {"$gt": Id("0" * 24)}  # the owner of each bot; people have none


def page(state: str, after: str) -> ListPage[User, str]:
    """Return a page of accounts in a state, by username. Its cursor is the last username's key."""
    query: Record = {"username_key": {"$gt": after, "$lt": BEYOND}, "owner_id": None}
    if state == BOTS:
        query["owner_id"] = _SOMEBODY
    elif state != "all":
        query["deactivated_at"] = None if state == "active" else _EVER
    found = list(database["users"].find(query).sort("username_key").limit(USUAL_PAGE + 1))
    shown = list(readable("users", found[:USUAL_PAGE], User.from_record))
    return ListPage(
        shown, shown[-1].username.casefold() if shown and len(found) > USUAL_PAGE else None
    )


def count_bots() -> int:
    """Return how many bots there are, deactivated ones too."""
    query = {"owner_id": _SOMEBODY, "username_key": {"$lt": BEYOND}}
    return database["users"].count_documents(query)


def count_people() -> int:
    """Return about how many people have an account, deactivated ones too."""
    nobody = database["users"].count_documents({"username_key": {"$gte": BEYOND}})
    return database["users"].estimated_document_count() - nobody - count_bots()
