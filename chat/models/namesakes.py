"""Namesakes: people whose display names look like somebody else's.

Each person's record says whether pages show their username beside their display name. The process
that changes a name decides this for all people concerned, so that reading a name costs nothing.
"""

from __future__ import annotations

from chat.models.database import Record, database
from chat.models.document import Id
from chat.utils.lookalikes import is_doubtful

# A name of so many people is common. Everybody with a common name always shows their username. So
# a new person with that name need not be compared with all the others, which would be slow: the
# embedded database reads 20,000 people in a second.
COMMON = 20
ROUNDS = 5  # checks at most, each after the changes of the one before
_FIELDS = {"display_name": 1, "name_skeletons": 1, "looks": 1, "shows_username": 1}


def update(names: set[str]) -> set[Id]:
    """Decide which people with these names show their username. Return the people who changed.

    Call this after writing a name. If two people take a name at the same time, the later of the two
    calls finds both. So each round checks all people again after the changes of the last one.
    """
    changed: set[Id] = set()
    for _ in range(ROUNDS):
        rare = names - _common(names)
        people = _who_look_like(rare)
        for name in rare:
            if sum(name in person["looks"] for person in people) >= COMMON:
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

    `people`: everybody whose name looks like one of `names`. `names` contain some or all skeletons
    of the person's own name.
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
