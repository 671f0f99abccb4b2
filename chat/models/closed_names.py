"""Closed names: for a while nobody else gets the username that somebody gave up.

So nobody takes the place of a person whom others still know by that name. The database has keyed
hashes of the looks of such a name, so that it does not tell who was here.
"""

from __future__ import annotations

from datetime import timedelta

from bson import Binary

from chat.models.database import database
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.models.own_ids import NAMES_ID
from chat.utils.clock import now
from chat.utils.encryption import fingerprint
from chat.utils.errors import Conflict
from chat.utils.lookalikes import skeletons
from chat.utils.sentences import N_

CLOSED_FOR = timedelta(days=90)
CLOSED = N_("Somebody else had this username until lately. Choose another one.")


def close(username: str, user_id: Id | None) -> None:
    """Close a username to everybody but `user_id`, which is None when its person was erased."""
    fields = {"user_id": user_id, "until": now() + CLOSED_FOR, "name": _digest(username)}
    for look in _looks_of(username):
        database["closed_names"].update_one({"_id": look}, {"$set": fields}, upsert=True)


def former_owner(username: str) -> Id | None:
    """Return who had exactly this username until lately; None if nobody did, or is erased."""
    names = {"_id": {"$in": _looks_of(username)}, "name": _digest(username)}
    record = database["closed_names"].find_one({**names, "until": {"$gte": now()}})
    return record["user_id"] if record else None


def close_all_of(user_id: Id) -> None:
    """Close the earlier usernames of an erased person to everybody, and forget whose they were."""
    database["closed_names"].update_many({"user_id": user_id}, {"$set": {"user_id": None}})


def open_again(username: str) -> None:
    """Forget that a username is closed: its person has it again, or never gave it up."""
    for look in _looks_of(username):
        database["closed_names"].delete_one({"_id": look})


def must_be_open(username: str, user_id: Id | None = None) -> None:
    """Raise Conflict if a username is closed to `user_id`, who is None before they register."""
    for look in _looks_of(username):
        record = database["closed_names"].find_one({"_id": look})
        if record is None or record["until"] < now():
            continue
        if user_id is None or record["user_id"] != user_id:
            raise Conflict(CLOSED, fields={"username": CLOSED})


def are_any() -> bool:
    """Return whether any username is closed, without making the key of their hashes."""
    return database["closed_names"].estimated_document_count() > 0


def _looks_of(username: str) -> list[Binary]:
    return [_hashed("username", look) for look in skeletons(username)]


def _digest(username: str) -> Binary:
    return _hashed("exact username", username.casefold())


def _hashed(purpose: str, text: str) -> Binary:
    return Binary(fingerprint(key_ring.made(NAMES_ID).index, purpose, text))
