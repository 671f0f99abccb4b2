"""Passkeys: credentials on people's devices that sign them in without a password.

The id of a record is made of the credential's id, so a passkey is found by what its device sends.
The credential with its public key is sealed under the person's keys and bound to this record: who
can write to the database cannot give anybody another one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from bson import Binary, ObjectId
from pymongo.errors import DuplicateKeyError

from chat.models import personal
from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.utils.clock import now
from chat.utils.errors import Conflict
from chat.utils.sentences import N_
from chat.utils.translation import _
from chat.utils.webauthn import Credential

MOST = 20  # of a person
ID_BYTES = 12  # of the hash: nobody finds another credential with the same 96 bits
STEP = 64  # bytes; names are padded to a multiple of it
IS_KNOWN = N_("This device has a passkey for the chat already.")


@dataclass(frozen=True)
class Passkey:
    """A passkey as it is stored.

    `sign_count`: how often it was used, as its device counts; 0 if the device does not count.
    """

    id: Id
    user_id: Id
    sealed: bytes = field(repr=False)
    sealed_name: bytes = field(repr=False)
    sign_count: int
    created_at: datetime
    used_at: datetime | None

    @classmethod
    def add(cls, user_id: Id, credential: Credential, name: str) -> Passkey:
        """Store a new passkey of a person. Raises Conflict if it is stored, or one too many."""
        passkey_id = _id_of(credential.id)
        keys = key_ring.made(user_id)
        record: Record = {
            "_id": passkey_id,
            "user_id": user_id,
            "credential": Binary(keys.data.seal(credential.data, _place(user_id, passkey_id))),
            "name": Binary(_seal_name(user_id, passkey_id, name)),
            "sign_count": credential.sign_count,
            "created_at": now(),
            "used_at": None,
        }
        try:
            database["passkeys"].insert_one(record)
        except DuplicateKeyError:
            raise Conflict(IS_KNOWN) from None
        if len(cls.of(user_id)) > MOST:  # asked now: others may be added at the same time
            database["passkeys"].delete_one({"_id": passkey_id})
            raise too_many()
        return _from(record)

    @classmethod
    def find(cls, passkey_id: Id) -> Passkey | None:
        record = database["passkeys"].find_one({"_id": passkey_id})
        return _from(record) if record else None

    @classmethod
    def find_by_credential(cls, credential_id: bytes) -> Passkey | None:
        """Return the passkey with an id that its device sent."""
        return cls.find(_id_of(credential_id))

    @classmethod
    def of(cls, user_id: Id) -> list[Passkey]:
        """Return a person's passkeys, the oldest first."""
        found = map(_from, database["passkeys"].find({"user_id": user_id}))
        return sorted(found, key=lambda each: each.created_at)

    @staticmethod
    def owners_among(user_ids: Iterable[Id]) -> set[Id]:
        """Return who of some people has passkeys."""
        query = {"user_id": {"$in": list(user_ids)}}
        return {each["user_id"] for each in database["passkeys"].find(query, {"user_id": 1})}

    @staticmethod
    def remove_all_of(user_id: Id) -> int:
        """Delete a person's passkeys. Return how many there were."""
        return int(database["passkeys"].delete_many({"user_id": user_id}).deleted_count)

    def credential(self) -> bytes:
        """Return the credential's `data`. Raises CannotOpen."""
        return key_ring.of(self.user_id).open(self.sealed, _place(self.user_id, self.id))

    def name(self) -> str:
        """Return what the person calls it; empty if that cannot be opened."""
        return str(personal.unseal(self.user_id, _field(self.id), self.sealed_name) or "")

    def rename(self, name: str) -> Passkey | None:
        """Call it so. Return None if it is gone."""
        sealed = Binary(_seal_name(self.user_id, self.id, name))
        database["passkeys"].update_one({"_id": self.id}, {"$set": {"name": sealed}})
        return self.find(self.id)

    def note_use(self, sign_count: int) -> bool:
        """Note that it was used.

        Return False if it is gone, or if its device counted less than before, which tells of a
        copy. Of two uses with the same count, in whichever processes, one is noted.
        """
        counts = {"sign_count": {"$lt": sign_count}} if sign_count else {}
        changes: Record = {"used_at": now()}
        if sign_count:
            changes["sign_count"] = sign_count
        changed = database["passkeys"].update_one({"_id": self.id, **counts}, {"$set": changes})
        return bool(changed.matched_count)

    def remove(self) -> None:
        database["passkeys"].delete_one({"_id": self.id})


def too_many() -> Conflict:
    return Conflict(_("You have {most} passkeys. Remove one first.", most=MOST))


def _id_of(credential_id: bytes) -> Id:
    return ObjectId(hashlib.sha256(credential_id).digest()[:ID_BYTES])


def _seal_name(user_id: Id, passkey_id: Id, name: str) -> bytes:
    return personal.seal(user_id, _field(passkey_id), name, STEP)


def _place(user_id: Id, passkey_id: Id) -> str:
    return f"{user_id}/passkey {passkey_id}"


def _field(passkey_id: Id) -> str:
    return f"name of passkey {passkey_id}"


def _from(record: Record) -> Passkey:
    return Passkey(
        record["_id"],
        record["user_id"],
        record["credential"],
        record["name"],
        record["sign_count"],
        record["created_at"],
        record["used_at"],
    )
