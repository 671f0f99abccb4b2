"""Push subscriptions: the addresses at which browsers can be reached while no page is open.

A subscription belongs to a person and to the session that made it, and ends with it. Its address
and keys are sealed, because the address lets whoever has it make a device ring; a keyed hash finds
the subscription that a browser has already.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import itemgetter

import orjson
from bson import Binary
from pymongo.errors import DuplicateKeyError

from chat.models import push_keys
from chat.models.damaged import readable
from chat.models.database import Record, database
from chat.models.document import LAST_ID, Id, first_id_at, new_id
from chat.utils.clock import now
from chat.utils.encryption import fingerprint, padded

COLLECTION = "push_subscriptions"
MOST = 20  # of a person; one more ends the one that was used longest ago
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # earlier than anything here
STEP = 256  # bytes; what is sealed is padded to a multiple of it
USED_AGAIN = timedelta(hours=1)  # a use within it of the last one is not stored


@dataclass(frozen=True)
class Target:
    """Where a browser is reached, and the keys for which messages to it are sealed: base64url."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True)
class PushSubscription:
    id: Id
    user_id: Id
    session_id: Id
    language: str  # of the page that subscribed
    created_at: datetime
    used_at: datetime | None  # when a message last reached the push service
    hashed: bytes = field(repr=False)
    sealed: bytes = field(repr=False)

    @classmethod
    def store(cls, user_id: Id, session_id: Id, target: Target, language: str) -> PushSubscription:
        """Store a browser's subscription, or renew the one that it has.

        A browser has one at a time, whoever is signed in: so it becomes this person's.
        """
        record = cls.record(user_id, session_id, target, language)
        found = {"endpoint": record["endpoint"]}
        before = database["push_subscriptions"].find_one(found, {"user_id": 1})
        if before and before["user_id"] != user_id:
            database["push_subscriptions"].delete_one({"_id": before["_id"]})
        kept = {name: record.pop(name) for name in ("_id", "created_at", "used_at")}
        changes = {"$set": record, "$setOnInsert": kept}
        try:
            database["push_subscriptions"].update_one(found, changes, upsert=True)
        except DuplicateKeyError:  # the same request, sent twice
            database["push_subscriptions"].update_one(found, {"$set": record})
        stored = _from(database["push_subscriptions"].find_one(found) or {})
        for oldest in cls.of(user_id)[MOST:]:
            oldest.end()
        return stored

    @staticmethod
    def record(user_id: Id, session_id: Id, target: Target, language: str = "en") -> Record:
        """Return a new subscription as the database stores it."""
        hashed = _hash(target.endpoint)
        plain = padded(orjson.dumps([target.endpoint, target.p256dh, target.auth]), STEP, b" ")
        return {
            "_id": new_id(),
            "user_id": user_id,
            "session_id": session_id,
            "endpoint": hashed,
            "sealed": Binary(push_keys.keys().data.seal(plain, _place(hashed))),
            "language": language,
            "created_at": now(),
            "used_at": None,
        }

    @classmethod
    def find(cls, subscription_id: Id) -> PushSubscription | None:
        record = database["push_subscriptions"].find_one({"_id": subscription_id})
        return _from(record) if record else None

    @classmethod
    def find_many(cls, subscription_ids: Collection[Id]) -> dict[Id, PushSubscription]:
        records = database["push_subscriptions"].find({"_id": {"$in": list(subscription_ids)}})
        return {each.id: each for each in readable(COLLECTION, records, _from)}

    @classmethod
    def of(cls, user_id: Id) -> list[PushSubscription]:
        """Return a person's subscriptions, the one that was used last first."""
        found = map(_from, database["push_subscriptions"].find({"user_id": user_id}))
        return sorted(found, key=lambda each: each.used_at or each.created_at, reverse=True)

    @classmethod
    def of_many(cls, user_ids: Iterable[Id]) -> list[PushSubscription]:
        """Return the subscriptions of some people, who must be few."""
        query = {"user_id": {"$in": list(user_ids)}}
        return list(readable(COLLECTION, database[COLLECTION].find(query), _from))

    @staticmethod
    def are_any() -> bool:
        return database["push_subscriptions"].find_one({}, {"_id": 1}) is not None

    @staticmethod
    def subscribers(since: datetime = BEGINNING) -> dict[Id, datetime]:
        """Return everybody with a subscription since then, and when their first one began."""
        found: dict[Id, datetime] = {}
        query = {"_id": {"$gte": first_id_at(since), "$lte": LAST_ID}}
        records = database[COLLECTION].find(query, {"user_id": 1, "created_at": 1})
        for user_id, began in readable(COLLECTION, records, itemgetter("user_id", "created_at")):
            found[user_id] = min(began, found.get(user_id, began))
        return found

    @staticmethod
    def end_of_session(session_id: Id) -> None:
        database["push_subscriptions"].delete_many({"session_id": session_id})

    @staticmethod
    def end_of_person(user_id: Id) -> None:
        database["push_subscriptions"].delete_many({"user_id": user_id})

    @staticmethod
    def end_many(subscription_ids: Collection[Id]) -> None:
        database["push_subscriptions"].delete_many({"_id": {"$in": list(subscription_ids)}})

    @staticmethod
    def note_used(subscription_ids: Collection[Id]) -> None:
        """Note that messages reached these subscriptions' push services just now."""
        moment = now()
        database["push_subscriptions"].update_many(
            {"_id": {"$in": list(subscription_ids)}}, {"$set": {"used_at": moment}}
        )

    def end(self) -> None:
        database["push_subscriptions"].delete_one({"_id": self.id})

    def is_used_lately(self) -> bool:
        """Return whether its last use is stored exactly enough."""
        return self.used_at is not None and now() - self.used_at < USED_AGAIN

    def target(self) -> Target:
        """Return where the browser is reached. Raises CannotOpen."""
        plain = push_keys.keys().open(self.sealed, _place(self.hashed))
        return Target(*orjson.loads(plain))


def _hash(endpoint: str) -> Binary:
    return Binary(fingerprint(push_keys.keys().index, "push subscription", endpoint))


def _place(hashed: bytes) -> str:
    return f"{hashed.hex()}/push subscription"


def _from(record: Record) -> PushSubscription:
    return PushSubscription(
        record["_id"],
        record["user_id"],
        record["session_id"],
        record["language"],
        record["created_at"],
        record["used_at"],
        record["endpoint"],
        record["sealed"],
    )
