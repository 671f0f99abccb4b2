"""The places of rooms in a person's list: each is given once, and later ones are higher."""

from __future__ import annotations

from collections.abc import Sequence

from chat.models.database import database
from chat.models.document import Id
from chat.models.user import User


def last_places(user_ids: Sequence[Id]) -> dict[Id, int]:
    """Return the last place in the list of each of some people, from the database."""
    records = database.find_by_ids("users", user_ids, "places")
    return {record["_id"]: record["places"] for record in records}


def take_place(user_id: Id) -> int:
    """Return the next place in a person's list of rooms. No two calls return the same place.

    Return 0 if there is no such person.
    """
    while record := database["users"].find_one({"_id": user_id}, {"places": 1}):
        taken: int = record["places"] + 1
        changed = database["users"].update_one(record, {"$set": {"places": taken}})
        if changed.matched_count:
            User.forget(user_id)
            return taken
    return 0
