"""Proofs of e-mail addresses: whoever has the token of a mail reads the address it was sent to.

Only the digest of a token is stored, so whoever reads the database proves nothing; and the address
is sealed, as nobody has proved it yet.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta

from bson import Binary

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.email_addresses import STEP
from chat.models.key_ring import key_ring
from chat.models.own_ids import ADDRESSES_ID
from chat.utils.clock import now
from chat.utils.encryption import CannotOpen, padded
from chat.utils.link_tokens import digest_of, new_token

LASTS = timedelta(days=1)


@dataclass(frozen=True)
class AddressProof:
    """What a token proves. `state`: what must be the same when it is used."""

    user_id: Id
    address: str = field(repr=False)
    state: str

    @staticmethod
    def make(user_id: Id, address: str, state: str) -> str:
        """Store a proof, for LASTS. Return its token."""
        token = new_token()
        digest = digest_of(token)
        plain = padded(json.dumps([address, state]).encode(), STEP, b" ")
        record: Record = {
            "_id": digest,
            "user_id": user_id,
            "sealed": Binary(key_ring.made(ADDRESSES_ID).data.seal(plain, _place(digest))),
            "expires_at": now() + LASTS,
        }
        database["address_proofs"].insert_one(record)
        return token

    @classmethod
    def of_token(cls, token: str) -> AddressProof | None:
        """Return what a token proves; None if it is over, or there is none."""
        digest = digest_of(token)
        record = database["address_proofs"].find_one({"_id": digest})
        if record is None or record["expires_at"] <= now():
            return None
        try:
            opened = key_ring.made(ADDRESSES_ID).open(record["sealed"], _place(digest))
        except CannotOpen:
            return None
        address, state = json.loads(opened)
        return cls(record["user_id"], address, state)

    @staticmethod
    def forget_of(user_id: Id) -> None:
        """Delete a person's proofs: one of them was used, or the account ends."""
        database["address_proofs"].delete_many({"user_id": user_id})


def _place(digest: str) -> str:
    return f"{digest}/address proof"
