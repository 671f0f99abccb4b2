"""Bans: somebody is kept out of a room, whichever way they would come in.

A ban precedes the end of the membership, and whoever comes in looks for one afterwards as well. So
of a ban and a join at the same time, one sees the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bson import Binary
from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.models.key_ring import key_ring
from chat.utils.clock import now
from chat.utils.encryption import padded
from chat.utils.list_page import ListPage

USUAL_PAGE = 50  # bans; no page has more
STEP = 64  # bytes; a reason is padded to a multiple of it before it is sealed


@dataclass(frozen=True)
class Ban:
    id: Id
    room_id: Id
    user_id: Id
    until: datetime | None  # None: until somebody lifts it
    reason: str
    banned_by: Id
    created_at: datetime

    @classmethod
    def place(
        cls, room_id: Id, user_id: Id, *, until: datetime | None, reason: str, by: Id
    ) -> tuple[Ban, bool]:
        """Ban a person from a room, or change their ban. Return it, and whether it is new."""
        pair = {"room_id": room_id, "user_id": user_id}
        changes: Record = {
            "until": until,
            "reason": _seal(room_id, user_id, reason),
            "banned_by": by,
            "created_at": now(),
        }
        there = cls.of(room_id, user_id)
        if there is None:
            database["bans"].delete_one(pair)  # one that is over
            try:
                database["bans"].insert_one({"_id": new_id(), **pair, **changes})
            except DuplicateKeyError:  # somebody else banned them at the same time
                there = cls.of(room_id, user_id)
        if there:
            database["bans"].update_one(pair, {"$set": changes})
        found = cls.of(room_id, user_id)
        assert found
        return found, there is None

    @staticmethod
    def of(room_id: Id, user_id: Id) -> Ban | None:
        """Return somebody's ban from a room, unless it is over."""
        record = database["bans"].find_one({"room_id": room_id, "user_id": user_id})
        if record is None or (record["until"] and record["until"] <= now()):
            return None
        return _from(record)

    @staticmethod
    def ends_for(user_id: Id, room_ids: Iterable[Id]) -> dict[Id, datetime | None]:
        """Return the rooms of these that somebody is banned from, each with when the ban ends."""
        records = database["bans"].find(
            {"user_id": user_id, "room_id": {"$in": list(room_ids)}}, {"room_id": 1, "until": 1}
        )
        moment = now()
        return {
            each["room_id"]: each["until"]
            for each in records
            if not each["until"] or each["until"] > moment
        }

    @staticmethod
    def page(room_id: Id, before: Id | None) -> ListPage[Ban, str]:
        """Return a page of a room's bans, the latest first, without those that are over."""
        query: Record = {"room_id": room_id}
        if before:
            query["_id"] = {"$lt": before}
        records = list(database["bans"].find(query).sort("_id", -1).limit(USUAL_PAGE + 1))
        shown = records[:USUAL_PAGE]
        alive = [each for each in shown if not each["until"] or each["until"] > now()]
        following = str(shown[-1]["_id"]) if len(records) > USUAL_PAGE else None
        return ListPage([_from(record) for record in alive], following)

    def lift(self) -> None:
        database["bans"].delete_one({"_id": self.id})

    @staticmethod
    def end_all(room_id: Id) -> None:
        """Delete all bans from a deleted room."""
        database["bans"].delete_many({"room_id": room_id})


def _seal(room_id: Id, user_id: Id, reason: str) -> Binary | None:
    if not reason:
        return None
    plain = padded(reason.encode(), STEP)
    return Binary(key_ring.of(room_id).data.seal(plain, _place(room_id, user_id)))


def _place(room_id: Id, user_id: Id) -> str:
    return f"{room_id}/{user_id}/ban"


def _from(record: Record) -> Ban:
    room_id, user_id = record["room_id"], record["user_id"]
    reason = ""
    if record["reason"]:
        opened = key_ring.of(room_id).open(record["reason"], _place(room_id, user_id))
        reason = opened.rstrip(b"\0").decode()
    return Ban(
        record["_id"],
        room_id,
        user_id,
        record["until"],
        reason,
        record["banned_by"],
        record["created_at"],
    )
