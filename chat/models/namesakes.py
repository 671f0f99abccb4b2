"""Namesakes: people whose display names could be taken for somebody else's.

Each person's record says whether their username is shown beside their display name. That is decided
when a name is taken or given up, for all whom it concerns, so that reading costs nothing.
"""

from __future__ import annotations

from chat.models.database import Record, database
from chat.models.document import Id
from chat.utils.lookalikes import is_doubtful

# People. From then on a name is nobody's: whoever bears it shows their username for good, and to
# take it does not mean to look at all others. The embedded database reads 20,000 in a second.
COMMON = 20
ROUNDS = 5
_FIELDS = {"display_name": 1, "name_skeletons": 1, "looks": 1, "shows_username": 1}


def settle(names: set[str]) -> set[Id]:
    """Decide whether those who look so show their username; return for whom that changed.

    To be called after a name was written: of two who take it at once, at least one sees the other.
    Hence all are looked at again after each change.
    """
    changed: set[Id] = set()
    for _ in range(ROUNDS):
        rare = names - _common(names)
        people = _who_look_like(rare)
        if len(people) >= COMMON:
            for name in rare:
                database["common_names"].replace_one({"_id": name}, {"_id": name}, upsert=True)
        wrong = [each for each in people if each["shows_username"] != _must_show(each, people, rare)]
        for each in wrong:
            query = {"_id": each["_id"], "name_skeletons": each["name_skeletons"]}
            change = {"$set": {"shows_username": not each["shows_username"]}}
            database["users"].update_one(query, change)
            changed.add(each["_id"])
        if not wrong:
            break
    return changed


def _must_show(person: Record, people: list[Record], names: set[str]) -> bool:
    """`people`: all who look like one of `names`, of which the person's own are some or all."""
    mine = set(person["name_skeletons"])
    if is_doubtful(person["display_name"]) or _is_like_another(person, people):
        return True
    return not mine <= names and (bool(_common(mine)) or _is_like_another(person, _who_look_like(mine)))


def _is_like_another(person: Record, people: list[Record]) -> bool:
    mine = set(person["name_skeletons"])
    return any(not mine.isdisjoint(each["looks"]) for each in people if each["_id"] != person["_id"])


def _who_look_like(names: set[str]) -> list[Record]:
    return list(database["users"].find({"looks": {"$in": list(names)}}, _FIELDS)) if names else []


def _common(names: set[str]) -> set[str]:
    return {record["_id"] for record in database["common_names"].find({"_id": {"$in": list(names)}})}
