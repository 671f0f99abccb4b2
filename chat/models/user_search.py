"""Find people by their names: the username, the display name, or a word of the display name."""

from __future__ import annotations

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.user import User, user_from
from chat.utils.folding import fold_name
from chat.utils.name_keys import beginnings_of

LONGEST_LIST = 50


def people_starting_with(beginning: str) -> list[User]:
    """Return people by the beginning of a name, sorted by username.

    Return at most LONGEST_LIST people. If there are several words, a person must match all of them.
    """
    keys = beginnings_of(beginning)
    records = database["users"].find(_with_key(max(keys, key=len)))
    if len(keys) == 1:
        records = records.limit(LONGEST_LIST * 2)
    people = [user_from(record) for record in records if _fits(record, keys)]
    return sorted(people, key=lambda user: user.username.casefold())[:LONGEST_LIST]


def people_called(name: str) -> list[User]:
    """Return everybody with this display name or username, by base letters."""
    wanted = fold_name(name)
    if not wanted:
        return []
    return [
        user_from(record)
        for record in database["users"].find({"name_keys": beginnings_of(name)[0]})
        if wanted in (fold_name(record["username"]), fold_name(record["display_name"]))
    ]


def known_names(names: set[str]) -> set[str]:
    """Return the names among `names` that are somebody's display name or username.

    Names are compared by their base letters.
    """
    keys = {beginnings_of(name)[0] for name in names} - {""}
    shown = {"username": 1, "display_name": 1}
    records = database["users"].find({"name_keys": {"$in": sorted(keys)}}, shown)
    theirs = {
        fold_name(record[kind]) for record in records for kind in ("username", "display_name")
    }
    return {name for name in names if fold_name(name) in theirs}


def names_starting_with(beginning: str) -> list[tuple[str, Id]]:
    """Return (name, id) of people by the beginning of a name, sorted by name."""
    keys = beginnings_of(beginning)
    records = database["users"].find(_with_key(keys[0]), {"name_keys": 1})
    found = [
        ([name for name in record["name_keys"] if name.startswith(keys[0])], record["_id"])
        for record in records
        if _fits(record, keys)
    ]
    return sorted((min(names), user_id) for names, user_id in found if names)


def _with_key(beginning: str) -> Record:
    """Return a query for people with a name key that has this beginning.

    The query may find other people too: one key of a person may satisfy the lower end of the range,
    and another key the upper end. So the caller checks each record again.
    """
    return {"name_keys": {"$gte": beginning, "$lt": beginning + "\U0010ffff"}}


def _fits(record: Record, beginnings: list[str]) -> bool:
    keys = record["name_keys"]
    return all(any(key.startswith(beginning) for key in keys) for beginning in beginnings)
