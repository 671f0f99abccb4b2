"""Reset links: with one a person chooses a new password, once.

A person has one at most by mail, for which anybody may ask, and one by an administrator or an
operator. Whoever asks for a mail ends only the mailed one.

The link contains a token, of which only the digest is stored. So whoever reads the database cannot
come in, and the link is shown once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.models.document import Id
from chat.utils.clock import now
from chat.utils.link_tokens import digest_of, new_token

LASTS = timedelta(hours=24)


@dataclass(frozen=True)
class ResetLink:
    user_id: Id
    made_by: Id | None  # None: by the command line
    expires_at: datetime

    @classmethod
    def make(
        cls, user_id: Id, made_by: Id | None, *, is_mailed: bool = False
    ) -> tuple[ResetLink, str]:
        """Store a link. Return it, and its token.

        It replaces the person's earlier ones; one that is mailed only those that were mailed.
        """
        token = new_token()
        record: Record = {
            "_id": digest_of(token),
            "user_id": user_id,
            "made_by": made_by,
            "is_mailed": is_mailed,
            "expires_at": now() + LASTS,
        }
        while True:
            earlier = {"user_id": user_id} | ({"is_mailed": True} if is_mailed else {})
            database["reset_links"].delete_many(earlier)
            try:
                database["reset_links"].insert_one(record)
            except DuplicateKeyError:  # somebody else made one meanwhile
                continue
            return _from(record), token

    @classmethod
    def of_token(cls, token: str) -> ResetLink | None:
        record = database["reset_links"].find_one({"_id": digest_of(token)})
        return _from(record) if record else None

    @staticmethod
    def use(token: str) -> bool:
        """Use the link up. Return False if it is over, or somebody used or replaced it before."""
        moment = now()
        changed = database["reset_links"].update_one(
            {"_id": digest_of(token), "expires_at": {"$gt": moment}},
            {"$set": {"expires_at": moment}},
        )
        return bool(changed.matched_count)

    @staticmethod
    def forget_of(user_id: Id, but: str = "") -> None:
        """Delete a person's links: the password was changed, or the account deactivated.

        `but`: the token of a link that stays, to say that it is over.
        """
        database["reset_links"].delete_many({"user_id": user_id, "_id": {"$ne": digest_of(but)}})

    @property
    def is_over(self) -> bool:
        return self.expires_at <= now()


def _from(record: Record) -> ResetLink:
    return ResetLink(record["user_id"], record["made_by"], record["expires_at"])
