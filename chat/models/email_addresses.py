"""The e-mail addresses of people: at most one each, and only verified ones.

An address is sealed under its person's key. A keyed hash finds whose it is, so whoever reads the
database learns no address, and one unique index gives each address to one person.
"""

from __future__ import annotations

import hmac
import logging
from dataclasses import dataclass, field
from datetime import datetime

from bson import Binary
from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.models.own_ids import ADDRESSES_ID
from chat.utils import translation
from chat.utils.clock import now
from chat.utils.email_addresses import key_of
from chat.utils.encryption import CannotOpen, fingerprint, padded

STEP = 64  # bytes; addresses are padded to a multiple of it before they are sealed
STOP_DIGITS = 40  # of the proof in a link that stops mails

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class EmailAddress:
    """A person's verified address. `language`: what the person read when it was verified."""

    user_id: Id
    text: str = field(repr=False)
    verified_at: datetime
    language: str


def find(user_id: Id) -> EmailAddress | None:
    """Return a person's address; None without one, and for one that does not open."""
    record = database["email_addresses"].find_one({"_id": user_id})
    if record is None:
        return None
    try:
        text = key_ring.of(user_id).open(record["address"], _place(user_id)).rstrip(b"\0").decode()
    except CannotOpen as error:
        logger.warning("an e-mail address does not open", extra={"reason": str(error)})
        return None
    return EmailAddress(user_id, text, record["verified_at"], record["language"])


def verified_address_of(user_id: Id) -> str | None:
    """Return a person's address; None without one."""
    found = find(user_id)
    return found.text if found else None


def person_with_address(address: str) -> Id | None:
    """Return whose address it is; None if it is nobody's. `address`: as `parsed` returns it."""
    record = database["email_addresses"].find_one({"key": hash_of(address)}, {"_id": 1})
    return record["_id"] if record else None


def are_any() -> bool:
    """Return whether anybody has an address, without making the key of their hashes."""
    return database["email_addresses"].estimated_document_count() > 0


def keep_verified(user_id: Id, address: str) -> bool:
    """Keep an address that its person proved, in place of an earlier one.

    Return False if it is somebody else's. `address`: as `parsed` returns it.
    """
    key_ring.make(user_id)
    sealed = key_ring.of(user_id).data.seal(padded(address.encode(), STEP), _place(user_id))
    record: Record = {
        "key": hash_of(address),
        "address": Binary(sealed),
        "verified_at": now(),
        "language": translation.current(),
    }
    try:
        database["email_addresses"].update_one({"_id": user_id}, {"$set": record}, upsert=True)
    except DuplicateKeyError:
        # somebody else's, unless the same person proved it twice at the same moment
        return person_with_address(address) == user_id
    return True


def remove(user_id: Id) -> None:
    """Forget a person's address, if there is one."""
    database["email_addresses"].delete_one({"_id": user_id})


def hash_of(address: str) -> Binary:
    """Return a hash of an address, which reveals nothing without the chat's keys."""
    return Binary(fingerprint(key_ring.made(ADDRESSES_ID).index, "e-mail", key_of(address)))


def stop_token(user_id: Id) -> str:
    """Return what the link in mails has that stops them; another address ends it."""
    record = database["email_addresses"].find_one({"_id": user_id}, {"key": 1}) or {"key": b""}
    key = key_ring.made(ADDRESSES_ID).index
    proof = fingerprint(key, "stop mails", str(user_id), bytes(record["key"]).hex()).hex()
    return f"{user_id}{proof[:STOP_DIGITS]}"


def is_stop_token(user_id: Id, token: str) -> bool:
    return token.isascii() and hmac.compare_digest(stop_token(user_id), token)


def _place(user_id: Id) -> str:
    return f"{user_id}/e-mail"
