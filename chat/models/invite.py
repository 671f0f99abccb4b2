"""Invites: links that let people make an account, and join rooms.

The link contains a code, of which only the digest is stored. So whoever reads the database cannot
come in, and the link is shown once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.utils.clock import now
from chat.utils.link_tokens import digest_of
from chat.utils.list_page import ListPage

CODE_BYTES = 16
USUAL_PAGE = 50  # invites; no page has more


@dataclass(frozen=True)
class Invite:
    id: Id
    invited_by: Id
    room_ids: tuple[Id, ...]
    note: str  # whom it is for; only those see it who see the list
    uses: int
    max_uses: int | None
    created_at: datetime
    expires_at: datetime

    @classmethod
    def make(
        cls,
        invited_by: Id,
        room_ids: list[Id],
        *,
        note: str,
        max_uses: int | None,
        lasts: timedelta,
    ) -> tuple[Invite, str]:
        """Store an invite. Return it, and its code, which nobody can find out later."""
        code = secrets.token_urlsafe(CODE_BYTES)
        begun = now()
        record = {
            "_id": new_id(),
            "digest": digest_of(code),
            "invited_by": invited_by,
            "room_ids": room_ids,
            "note": note,
            "uses": 0,
            "max_uses": max_uses,
            "created_at": begun,
            "expires_at": begun + lasts,
        }
        database["invites"].insert_one(record)
        return _from(record), code

    @classmethod
    def find(cls, invite_id: Id) -> Invite | None:
        return _from_found(database["invites"].find_one({"_id": invite_id}))

    @classmethod
    def of_code(cls, code: str) -> Invite | None:
        return _from_found(database["invites"].find_one({"digest": digest_of(code)}))

    @classmethod
    def page(cls, invited_by: Id | None, before: Id | None, limit: int) -> ListPage[Invite, str]:
        """Return a page of invites, the latest first: of one person, or of all for None."""
        query: dict[str, Any] = {} if invited_by is None else {"invited_by": invited_by}
        if before:
            query["_id"] = {"$lt": before}
        records = list(database["invites"].find(query).sort("_id", -1).limit(limit + 1))
        invites = [_from(record) for record in records[:limit]]
        return ListPage(invites, str(invites[-1].id) if len(records) > limit else None)

    @property
    def is_over(self) -> bool:
        """Return whether nobody can come in by it any more."""
        return self.expires_at <= now() or self.uses == self.max_uses

    def use(self) -> bool:
        """Count one more use. Return False when it is over, or somebody revoked it."""
        query: dict[str, Any] = {"_id": self.id, "expires_at": {"$gt": now()}}
        if self.max_uses is not None:
            query["uses"] = {"$lt": self.max_uses}
        return bool(database["invites"].update_one(query, {"$inc": {"uses": 1}}).matched_count)

    def give_back(self) -> None:
        """Undo `use` when it led to nothing."""
        database["invites"].update_one({"_id": self.id}, {"$inc": {"uses": -1}})

    def revoke(self) -> None:
        database["invites"].delete_one({"_id": self.id})


def _from_found(record: Record | None) -> Invite | None:
    return None if record is None else _from(record)


def _from(record: Record) -> Invite:
    return Invite(
        record["_id"],
        record["invited_by"],
        tuple(record["room_ids"]),
        record["note"],
        record["uses"],
        record["max_uses"],
        record["created_at"],
        record["expires_at"],
    )
