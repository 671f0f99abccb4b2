"""From data of an older program to that of this one: at the start, before the indexes are made.

A step may be repeated: after a crash in it, or by another process that starts at the same time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pymongo
from pymongo import UpdateOne
from pymongo.database import Database

from chat.models.migrating_rosters import count_members
from chat.utils.lookalikes import is_doubtful, looks_of

CHUNK = 1_000  # records written at once
STEP_SECONDS = 3_600.0  # there may be much data; who waits for the start sees that it goes on

Kept = Database[dict[str, Any]]


def migrate(kept: Kept, version: int) -> None:
    """Bring data of `version` up to the version of this program."""
    for step in [step for reached, step in sorted(STEPS.items()) if reached > version]:
        with pymongo.timeout(STEP_SECONDS):
            step(kept)


def _see_who_looks_alike(kept: Kept) -> None:
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


# By the version of the data that a step leads to.
STEPS: dict[int, Callable[[Kept], None]] = {2: _see_who_looks_alike, 3: count_members}
