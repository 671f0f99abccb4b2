"""Identities: whom a provider of single sign-on calls by which subject.

A keyed hash of issuer and subject finds the person, so the database tells nobody who somebody is at
the provider. One unique index gives each identity to one person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bson import Binary
from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.models.own_ids import IDENTITIES_ID
from chat.models.user_ids import new_user_id
from chat.utils.clock import now
from chat.utils.encryption import fingerprint


@dataclass(frozen=True)
class Identity:
    """A person at a provider.

    `provider`: the provider's id, as it was configured. `is_pending`: their account is being made.
    """

    key: bytes
    user_id: Id
    provider: str
    is_pending: bool
    created_at: datetime
    used_at: datetime

    @classmethod
    def find(cls, issuer: str, subject: str) -> Identity | None:
        record = database["identities"].find_one({"_id": _key(issuer, subject)})
        return _from(record) if record else None

    @classmethod
    def of(cls, user_id: Id) -> list[Identity]:
        """Return a person's identities, by the names of providers."""
        found = map(_from, database["identities"].find({"user_id": user_id}))
        return sorted(found, key=lambda identity: identity.provider)

    @staticmethod
    def owners_among(user_ids: list[Id], provider: str) -> set[Id]:
        """Return who of these people is known to a provider."""
        query = {"user_id": {"$in": user_ids}, "provider": provider, "is_pending": False}
        return {each["user_id"] for each in database["identities"].find(query, {"user_id": 1})}

    @classmethod
    def reserve(cls, issuer: str, subject: str, provider: str) -> Identity:
        """Return the identity of a newcomer, which names the id of the account to make.

        Everybody who reserves the same gets the same, so that one account is made.
        """
        found = cls._insert(_key(issuer, subject), new_user_id(), provider, is_pending=True)
        while found is None:
            found = cls.find(issuer, subject) or cls._insert(
                _key(issuer, subject), new_user_id(), provider, is_pending=True
            )
        return found

    @classmethod
    def connect(cls, issuer: str, subject: str, provider: str, user_id: Id) -> bool:
        """Connect a person. Return False if somebody has this identity, or the person another."""
        return cls._insert(_key(issuer, subject), user_id, provider, is_pending=False) is not None

    @classmethod
    def _insert(
        cls, key: Binary, user_id: Id, provider: str, *, is_pending: bool
    ) -> Identity | None:
        moment = now()
        record: Record = {
            "_id": key,
            "user_id": user_id,
            "provider": provider,
            "is_pending": is_pending,
            "created_at": moment,
            "used_at": moment,
        }
        try:
            database["identities"].insert_one(record)
        except DuplicateKeyError:
            return None
        return _from(record)

    def note_use(self) -> None:
        """Note that the person signed in, and that their account is there."""
        database["identities"].update_one(
            {"_id": self.key}, {"$set": {"used_at": now(), "is_pending": False}}
        )

    def forget(self) -> None:
        database["identities"].delete_one({"_id": self.key})


def forget_of(user_id: Id) -> None:
    """Delete a person's identities."""
    database["identities"].delete_many({"user_id": user_id})


def _key(issuer: str, subject: str) -> Binary:
    return Binary(fingerprint(key_ring.made(IDENTITIES_ID).index, "identity", issuer, subject))


def _from(record: Record) -> Identity:
    return Identity(
        record["_id"],
        record["user_id"],
        record["provider"],
        record["is_pending"],
        record["created_at"],
        record["used_at"],
    )
