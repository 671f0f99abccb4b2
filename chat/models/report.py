"""Reports: somebody tells the administrators of a message, and hands over a copy of it.

The copy is sealed under a key of its own, so that deleting the message does not remove it. A closed
report is deleted with its copy after KEPT_FOR.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from bson import Binary
from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database, seconds_left
from chat.models.document import Id, new_id
from chat.models.image import Image
from chat.models.key_ring import RoomKeys, key_ring
from chat.models.message import Message
from chat.models.own_ids import REPORTS_ID
from chat.models.room import Room
from chat.utils.clock import now
from chat.utils.encryption import padded
from chat.utils.list_page import ListPage
from chat.utils.ttl_cache import TtlCache

OPEN, TAKEN, CLOSED = "open", "taken", "closed"
STATES = (OPEN, TAKEN, CLOSED)
ACTED, NOTHING = "acted", "nothing"
OUTCOMES = (ACTED, NOTHING)  # what a closed report led to, if its administrator said so
KEPT_FOR = timedelta(days=90)  # after it was closed
USUAL_PAGE = 15  # reports with a message each; no page has more
MOST_PICTURES = 4  # of a message, whose thumbnails a report has
STEP = 256  # bytes; texts are padded to a multiple of it before they are sealed


@dataclass(frozen=True)
class Report:
    """`texts`: `reason`, `note`, and of the message `body`, `alts` and, if public, `room`."""

    id: Id
    state: str
    message_id: Id
    room_id: Id
    kind: str  # of the room
    author_id: Id
    reporter_id: Id
    posted_at: datetime  # the message
    pictures: int  # how many thumbnails it has
    texts: dict[str, Any]
    decided_by: Id | None
    decided_at: datetime | None
    outcome: str  # one of OUTCOMES, or empty

    @classmethod
    def make(cls, message: Message, room: Room, reporter_id: Id, reason: str) -> Report:
        """Store a report. Return it, or the one that this person made of the message before."""
        report_id = new_id()
        texts = {
            "reason": reason,
            "note": "",
            "body": message.text.body,
            "alts": [image["alt"] for image in message.images],
            "room": room.name if room.kind == "public" else "",
        }
        record: Record = {
            "_id": report_id,
            "state": OPEN,
            "message_id": message.id,
            "room_id": room.id,
            "kind": room.kind,
            "author_id": message.author.id,
            "reporter_id": reporter_id,
            "posted_at": message.created_at,
            "texts": _seal(report_id, "texts", orjson.dumps(texts), STEP),
            "pictures": [
                {"thumbnail": _seal(report_id, f"pictures/{number}", thumbnail)}
                for number, thumbnail in enumerate(_thumbnails(message.images))
            ],
            "decided_by": None,
            "decided_at": None,
            "outcome": "",
        }
        try:
            database["reports"].insert_one(record)
        except DuplicateKeyError:
            return cls.of(message.id, reporter_id) or _from(record)
        _open.clear()
        return _from(record)

    @staticmethod
    def of(message_id: Id, reporter_id: Id) -> Report | None:
        """Return somebody's report of a message."""
        pair = {"message_id": message_id, "reporter_id": reporter_id}
        record = database["reports"].find_one(pair)
        return _from(record) if record else None

    @staticmethod
    def find(report_id: Id) -> Report | None:
        record = database["reports"].find_one({"_id": report_id})
        return _from(record) if record else None

    @staticmethod
    def made_by(reporter_id: Id) -> list[Report]:
        """Return what somebody reported, the oldest first."""
        records = database["reports"].find({"reporter_id": reporter_id})
        return sorted(map(_from, records), key=lambda report: report.id)

    @staticmethod
    def page(state: str, before: Id | None) -> ListPage[Report, str]:
        """Return a page of the reports in a state, the latest first."""
        query: Record = {"state": state}
        if before:
            query["_id"] = {"$lt": before}
        records = list(database["reports"].find(query).sort("_id", -1).limit(USUAL_PAGE + 1))
        reports = [_from(record) for record in records[:USUAL_PAGE]]
        return ListPage(reports, str(reports[-1].id) if len(records) > USUAL_PAGE else None)

    @staticmethod
    def forget_count() -> None:
        """Drop the cached count: another process changed a report."""
        _open.clear()

    @staticmethod
    def count_open() -> int:
        """Return how many reports nobody has taken, as it was some seconds ago at most."""
        query = {"state": OPEN}
        return _open.get_or_load("", lambda: database["reports"].count_documents(query)) or 0

    def decide(self, by: Id, state: str | None, note: str | None, outcome: str = "") -> Report:
        """Take or close the report, or open it again, with a note for administrators.

        `outcome`: of a report that is closed. None leaves what is stored, which somebody may be
        changing at this moment. Who decided is who gave it its state, not who wrote a note.
        """
        if state is not None:
            moment = now()
            decision: Record = {
                "state": state,
                "decided_by": by,
                "decided_at": moment,
                "outcome": outcome if state == CLOSED else "",
                "expires_at": moment + KEPT_FOR if state == CLOSED else None,
            }
            is_new = {"_id": self.id, "state": {"$ne": state}}
            database["reports"].update_one(is_new, {"$set": decision})
            _open.clear()
        if note is not None:
            texts = _seal(self.id, "texts", orjson.dumps(self.texts | {"note": note}), STEP)
            database["reports"].update_one({"_id": self.id}, {"$set": {"texts": texts}})
        return self.find(self.id) or self

    def picture(self, number: int) -> bytes | None:
        """Return a thumbnail (WebP) of the message's picture, which may be deleted there."""
        record = database["reports"].find_one({"_id": self.id}, {"pictures": 1})
        if record is None or not 0 <= number < len(record["pictures"]):
            return None
        place = _place(self.id, f"pictures/{number}")
        return _keys().open(record["pictures"][number]["thumbnail"], place)


def _thumbnails(images: Sequence[dict[str, Any]]) -> list[bytes]:
    found = [Image.find_referenced(image) for image in images[:MOST_PICTURES]]
    return [
        b"".join(image.read(image.thumbnail, 0, image.thumbnail.bytes - 1))
        for image in found
        if image
    ]


def _keys() -> RoomKeys:
    return key_ring.made(REPORTS_ID)


def _seal(report_id: Id, part: str, plain: bytes, step: int = 1) -> Binary:
    return Binary(_keys().data.seal(padded(plain, step, b" "), _place(report_id, part)))


def _place(report_id: Id, part: str) -> str:
    return f"{report_id}/{part}"


def _from(record: Record) -> Report:
    return Report(
        record["_id"],
        record["state"],
        record["message_id"],
        record["room_id"],
        record["kind"],
        record["author_id"],
        record["reporter_id"],
        record["posted_at"],
        len(record["pictures"]),
        orjson.loads(_keys().open(record["texts"], _place(record["_id"], "texts"))),
        record["decided_by"],
        record["decided_at"],
        record.get("outcome", ""),
    )


# How many are open: every page of an administrator shows it.
_open: TtlCache[str, int] = TtlCache(1, seconds_left=seconds_left)
