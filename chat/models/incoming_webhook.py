"""Incoming webhooks: addresses at which tools post messages into a room.

Who has the address may post, and nothing else. The database has only its digest. The name is sealed
with the room's key, and gone with the room.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bson import Binary

from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.models.key_ring import key_ring
from chat.utils.clock import now
from chat.utils.encryption import padded
from chat.utils.errors import Conflict
from chat.utils.link_tokens import digest_of, new_token
from chat.utils.translation import _

MOST = 20  # of a room
STEP = 64  # bytes; names are padded to a multiple of it
USE_NOTED = timedelta(minutes=1)  # how exactly the last use is known
KEY_DIGITS = 24  # of a digest, in the client_id of a message


@dataclass(frozen=True)
class IncomingWebhook:
    id: Id
    room_id: Id
    made_by: Id
    created_at: datetime
    used_at: datetime | None
    sealed_name: bytes = field(repr=False)

    @classmethod
    def make(cls, room_id: Id, made_by: Id, name: str) -> tuple[IncomingWebhook, str]:
        """Store a webhook. Return it with the secret of its address. Raises Conflict."""
        hook_id, secret = new_id(), new_token()
        record: Record = {
            "_id": hook_id,
            "room_id": room_id,
            "made_by": made_by,
            "digest": digest_of(secret),
            "created_at": now(),
            "used_at": None,
            "name": _seal(room_id, hook_id, name),
        }
        database["incoming_webhooks"].insert_one(record)
        if len(cls.of(room_id)) > MOST:  # asked now: others may make some at the same time
            database["incoming_webhooks"].delete_one({"_id": hook_id})
            raise Conflict(_("A room can have at most {most} incoming webhooks.", most=MOST))
        return _from(record), secret

    @classmethod
    def find(cls, hook_id: Id) -> IncomingWebhook | None:
        record = database["incoming_webhooks"].find_one({"_id": hook_id})
        return _from(record) if record else None

    @classmethod
    def find_by_secret(cls, secret: str) -> IncomingWebhook | None:
        record = database["incoming_webhooks"].find_one({"digest": digest_of(secret)})
        return _from(record) if record else None

    @classmethod
    def of(cls, room_id: Id) -> list[IncomingWebhook]:
        """Return a room's webhooks, the oldest first."""
        found = map(_from, database["incoming_webhooks"].find({"room_id": room_id}))
        return sorted(found, key=lambda hook: hook.created_at)

    @staticmethod
    def end_all(room_id: Id) -> None:
        """Delete the webhooks of a deleted room."""
        database["incoming_webhooks"].delete_many({"room_id": room_id})

    @property
    def name(self) -> str:
        """What the webhook is called. Raises CannotOpen."""
        place = _place(self.room_id, self.id)
        return key_ring.of(self.room_id).open(self.sealed_name, place).rstrip(b"\0").decode()

    def rename(self, name: str) -> IncomingWebhook:
        sealed = _seal(self.room_id, self.id, name)
        database["incoming_webhooks"].update_one({"_id": self.id}, {"$set": {"name": sealed}})
        return self.find(self.id) or self

    def exchange_secret(self) -> str:
        """Give the webhook another address; the old one is unknown from now on."""
        secret = new_token()
        changes = {"digest": digest_of(secret), "used_at": None}
        database["incoming_webhooks"].update_one({"_id": self.id}, {"$set": changes})
        return secret

    def remove(self) -> None:
        database["incoming_webhooks"].delete_one({"_id": self.id})

    def note_use(self) -> None:
        """Store that a tool posted now."""
        if self.used_at is None or now() - self.used_at > USE_NOTED:
            used = {"$set": {"used_at": now()}}
            database["incoming_webhooks"].update_one({"_id": self.id}, used)

    def client_id(self, key: str) -> str:
        """Return the client_id of a message: the same for the same key of the same webhook."""
        digest = hashlib.sha256(key.encode(errors="replace")).hexdigest()
        return f"hook-{self.id}-{digest[:KEY_DIGITS]}"


def _seal(room_id: Id, hook_id: Id, name: str) -> Binary:
    plain = padded(name.encode(), STEP)
    return Binary(key_ring.of(room_id).data.seal(plain, _place(room_id, hook_id)))


def _place(room_id: Id, hook_id: Id) -> str:
    return f"{room_id}/incoming webhook/{hook_id}"


def _from(record: Record) -> IncomingWebhook:
    return IncomingWebhook(
        record["_id"],
        record["room_id"],
        record["made_by"],
        record["created_at"],
        record["used_at"],
        record["name"],
    )
