"""Bans: somebody is kept out of a room, whichever way they would come in.

A ban precedes the end of the membership, and whoever comes in looks for one afterwards as well. So
of a ban and a join at the same time, one sees the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bson import Binary
from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.models.key_ring import key_ring
from chat.utils.clock import now
from chat.utils.encryption import padded
from chat.utils.errors import Unavailable
from chat.utils.list_page import ListPage

MOST_TRIES = 10  # to change a ban that others change at the same time
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
    ) -> tuple[Ban, Ban | None]:
        """Ban a person from a room, or change their ban. Return it, and the one that it replaces.

        Raises Unavailable.
        """
        placed = cls(new_id(), room_id, user_id, until, reason, by, now())
        for _try in range(MOST_TRIES):
            earlier = cls.of(room_id, user_id)
            if earlier is None and placed._insert():
                return placed, None
            if earlier and earlier._replace(placed):
                return replace(placed, id=earlier.id), earlier
        raise Unavailable(reason="others changed this ban all the time")

    def take_back(self, earlier: Ban | None) -> None:
        """Undo `place`, which returned both, unless somebody changed the ban since."""
        if earlier:
            self._replace(earlier)
        else:
            database["bans"].delete_one(self._as_placed())

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
    def all_of(user_id: Id) -> dict[Id, datetime | None]:
        """Return all rooms that somebody is banned from, each with when the ban ends."""
        records = database["bans"].find({"user_id": user_id}, {"room_id": 1, "until": 1})
        moment = now()
        return {
            each["room_id"]: each["until"]
            for each in records
            if each["until"] is None or each["until"] > moment
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

    def _insert(self) -> bool:
        """Store it in place of one that is over. Return False if somebody else banned them."""
        pair = {"room_id": self.room_id, "user_id": self.user_id}
        database["bans"].delete_one({**pair, "until": {"$lte": now()}})
        try:
            database["bans"].insert_one({"_id": self.id, **pair, **self._content()})
        except DuplicateKeyError:
            return False
        return True

    def _replace(self, other: Ban) -> bool:
        changes = {"$set": other._content()}
        return database["bans"].update_one(self._as_placed(), changes).matched_count == 1

    def _as_placed(self) -> Record:
        return {"_id": self.id, "banned_by": self.banned_by, "created_at": self.created_at}

    def _content(self) -> Record:
        return {
            "until": self.until,
            "reason": _seal(self.room_id, self.user_id, self.reason),
            "banned_by": self.banned_by,
            "created_at": self.created_at,
        }


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
