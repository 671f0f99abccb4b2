"""Namesakes: people whose display names look like somebody else's.

Each person's record says whether pages show their username beside their display name. The process
that changes a name decides it for everybody concerned, so that reading costs nothing.
"""

from __future__ import annotations

from chat.models.database import Record, database
from chat.models.document import Id
from chat.utils.lookalikes import is_doubtful

# People. A name that so many share is common: everybody with it shows their username for good, and
# taking it does not read all the others. The embedded database reads 20,000 people in a second.
COMMON = 20
ROUNDS = 5
_FIELDS = {"display_name": 1, "name_skeletons": 1, "looks": 1, "shows_username": 1}


def update(names: set[str]) -> set[Id]:
    """Decide who of the people with these names shows their username. Return who changed.

    Call it after writing a name: of two people who take it at once, at least one then sees the
    other. So it checks all of them again after each change.
    """
    changed: set[Id] = set()
    for _ in range(ROUNDS):
        rare = names - _common(names)
        people = _who_look_like(rare)
        if len(people) >= COMMON:
            for name in rare:
                database["common_names"].replace_one({"_id": name}, {"_id": name}, upsert=True)
        wrong = [one for one in people if one["shows_username"] != _must_show(one, people, rare)]
        for one in wrong:
            query = {"_id": one["_id"], "name_skeletons": one["name_skeletons"]}
            change = {"$set": {"shows_username": not one["shows_username"]}}
            database["users"].update_one(query, change)
            changed.add(one["_id"])
        if not wrong:
            break
    return changed


def _must_show(person: Record, people: list[Record], names: set[str]) -> bool:
    """Return whether a person must show their username.

    `people`: all who look like one of `names`, which contain some or all of the person's own.
    """
    mine = set(person["name_skeletons"])
    if is_doubtful(person["display_name"]) or _is_like_another(person, people):
        return True
    if mine <= names:
        return False
    return bool(_common(mine)) or _is_like_another(person, _who_look_like(mine))


def _is_like_another(person: Record, people: list[Record]) -> bool:
    mine = set(person["name_skeletons"])
    others = (other["looks"] for other in people if other["_id"] != person["_id"])
    return any(not mine.isdisjoint(looks) for looks in others)


def _who_look_like(names: set[str]) -> list[Record]:
    if not names:
        return []
    return list(database["users"].find({"looks": {"$in": list(names)}}, _FIELDS))


def _common(names: set[str]) -> set[str]:
    query = {"_id": {"$in": list(names)}}
    return {record["_id"] for record in database["common_names"].find(query)}
