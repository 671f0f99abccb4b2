"""Pages of everybody's accounts, for administrators, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from chat.models.damaged import readable
from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.name_ranges import AT_A_TIME, END, of_usernames
from chat.models.user import User
from chat.utils.list_page import ListPage
from chat.utils.time_slices import in_time_slices

BOTS = "bots"
STATES = ("active", "deactivated", "all", BOTS)  # the others are of people
BEYOND = END  # with it begin the keys of accounts that no list has: erasure.py
USUAL_PAGE = 50  # people; no page has more
_EVER = {"$gt": datetime(2000, 1, 1, tzinfo=UTC), "$lt": datetime(9999, 1, 1, tzinfo=UTC)}
_SOMEBODY = {"$gt": Id("0" * 24)}  # the owner of each bot; people have none


def page(state: str, after: str) -> ListPage[User, str]:
    """Return a page of accounts in a state, by username. Its cursor is the last username's key."""
    found = list(islice(_accounts(state, after), USUAL_PAGE + 1))
    shown = list(readable("users", found[:USUAL_PAGE], User.from_record))
    return ListPage(
        shown, shown[-1].username.casefold() if shown and len(found) > USUAL_PAGE else None
    )


def _accounts(state: str, after: str) -> Iterator[Record]:
    """Yield the accounts in a state behind a username's key, by username.

    Bots and deactivated people are few: all are read. Of the others, a range after the other.
    """
    if state == BOTS:
        yield from _by_username({"owner_id": _SOMEBODY}, after)
    elif state == "deactivated":
        yield from filter(_is_of_person, _by_username({"deactivated_at": _EVER}, after))
    else:
        for low, high in of_usernames.ranges(after, BEYOND):
            people = {"owner_id": None, "username_key": {"$gte": low, "$lt": high}}
            for record in _by_username(people, after):
                if state == "all" or record.get("deactivated_at") is None:
                    yield record


def _by_username(query: Record, after: str) -> Iterator[Record]:
    found = in_time_slices(database["users"].find(query), AT_A_TIME)
    return iter(sorted((each for each in found if after < _key(each) < BEYOND), key=_key))


def _key(record: Record) -> str:
    return str(record.get("username_key", ""))


def _is_of_person(record: Record) -> bool:
    return record.get("owner_id") is None


def count_bots() -> int:
    """Return how many bots there are, deactivated ones too."""
    query = {"owner_id": _SOMEBODY, "username_key": {"$lt": BEYOND}}
    return database["users"].count_documents(query)


def count_people() -> int:
    """Return about how many people have an account, deactivated ones too."""
    nobody = database["users"].count_documents({"username_key": {"$gte": BEYOND}})
    return database["users"].estimated_document_count() - nobody - count_bots()
