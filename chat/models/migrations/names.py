"""Migrate names: give people's records the fields by which lookalike names are found."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from chat.utils.chunks import chunks_of
from chat.utils.lookalikes import is_doubtful, looks_of
from chat.utils.name_keys import keys_of, name_key_of

CHUNK = 1_000  # records written at once

Data = Database[dict[str, Any]]


def see_who_looks_alike(data: Data) -> None:
    """Give everybody's record the fields by which lookalike names are found.

    If usernames look alike, only the person with the oldest account gets the plain skeletons. The
    others keep their names and sign in as before. Their skeletons contain their ids, which makes
    them unique.
    """
    people = list(data["users"].find({}, {"username": 1, "display_name": 1}).sort("_id"))
    looks = [looks_of(person["username"], person["display_name"]) for person in people]
    bearers = Counter(name for look in looks for name in look["looks"])
    taken: set[str] = set()
    updates = []
    for person, look in zip(people, looks, strict=True):
        if not taken.isdisjoint(look["skeletons"]):
            look["skeletons"] = [f"{each}\0{person['_id']}" for each in look["skeletons"]]
        taken.update(look["skeletons"])
        is_shared = any(bearers[name] > 1 for name in look["name_skeletons"])
        fields = {**look, "shows_username": is_shared or is_doubtful(person["display_name"])}
        updates.append(UpdateOne({"_id": person["_id"]}, {"$set": fields}))
    _write(data, "users", updates)


def make_keys_of_names(data: Data) -> None:
    """Give everybody's record, and every room's, the keys by which their names are found."""
    people = data["users"].find({}, {"username": 1, "display_name": 1})
    keys = {each["_id"]: keys_of(each["username"], each["display_name"]) for each in people}
    _write(
        data,
        "users",
        [
            UpdateOne({"_id": user_id}, {"$set": {"name_keys": own}})
            for user_id, own in keys.items()
        ],
    )
    rooms = data["rooms"].find({}, {"name": 1})
    sorted_by = {each["_id"]: name_key_of(each["name"], each["_id"]) for each in rooms}
    _write(
        data,
        "rooms",
        [
            UpdateOne({"_id": room_id}, {"$set": {"name_key": key}})
            for room_id, key in sorted_by.items()
        ],
    )


def _write(data: Data, name: str, updates: list[UpdateOne]) -> None:
    for chunk in chunks_of(updates, CHUNK):
        data[name].bulk_write(chunk, ordered=False)
