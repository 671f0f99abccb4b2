"""The keys of Web Push: what seals subscriptions, and the chat's own key, which browsers know.

Browsers subscribe for one key, so it is made once and stays. The database has it sealed, under a
key that is wrapped as the keys of rooms are: a rotation of SECRET_KEY wraps it again.
"""

from __future__ import annotations

from bson import Binary

from chat.models.database import database
from chat.models.key_ring import RoomKeys, key_ring
from chat.models.own_ids import PUSH_ID
from chat.utils.pushing.encryption import new_private_key, public_key

RECORD = "push key"  # in `meta`

_known: dict[str, bytes] = {}  # the chat's instance -> its private key


def keys() -> RoomKeys:
    """Return the keys that seal and fingerprint subscriptions, which the first call makes."""
    return key_ring.made(PUSH_ID)


def private_key() -> bytes:
    """Return the chat's private key, which the first call in any process makes.

    Raises CannotOpen when it was sealed under a key that is lost.
    """
    if database.instance not in _known:
        sealed = Binary(keys().data.seal(new_private_key(), RECORD))
        database["meta"].update_one(
            {"_id": RECORD}, {"$setOnInsert": {"sealed": sealed}}, upsert=True
        )
        record = database["meta"].find_one({"_id": RECORD}) or {}
        _known[database.instance] = keys().open(record["sealed"], RECORD)
    return _known[database.instance]


def application_key() -> bytes:
    """Return the public key for which browsers subscribe: a point of 65 bytes."""
    return public_key(private_key())
