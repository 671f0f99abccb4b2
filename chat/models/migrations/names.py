"""People of an older program get the fields that say what their names look like."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from chat.utils.lookalikes import is_doubtful, looks_of

CHUNK = 1_000  # records written at once

Kept = Database[dict[str, Any]]


def see_who_looks_alike(kept: Kept) -> None:
    """Give everybody's record the fields that say what their names look like.

    Of people whose usernames look alike the oldest has the look for themselves. The others keep
    their names and sign in as before; nobody can take what is noted for them.
    """
    people = list(kept["users"].find({}, {"username": 1, "display_name": 1}).sort("_id"))
    looks = {person["_id"]: looks_of(person["username"], person["display_name"]) for person in people}
    bearers = Counter(look for each in looks.values() for look in each["looks"])
    taken: set[str] = set()
    updates = []
    for person in people:
        look = looks[person["_id"]]
        if not taken.isdisjoint(look["skeletons"]):
            look["skeletons"] = [f"{each}\0{person['_id']}" for each in look["skeletons"]]
        taken.update(look["skeletons"])
        shows = is_doubtful(person["display_name"]) or any(bearers[each] > 1 for each in look["name_skeletons"])
        updates.append(UpdateOne({"_id": person["_id"]}, {"$set": {**look, "shows_username": shows}}))
    for first in range(0, len(updates), CHUNK):
        kept["users"].bulk_write(updates[first : first + CHUNK], ordered=False)
