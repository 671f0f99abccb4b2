"""Copy one room while people write in it.

A log up to one entry, its *cut*, is consistent, because entries never change their number and only
messages change: each says up to which entry it includes the changes (`applied_seq`). So the cut is
moved on until no copied message includes a later change, and messages that were copied before a
change of theirs are copied again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from bson.raw_bson import RawBSONDocument

from chat.models.backup.contents import fitted_to_room
from chat.models.backup.parts import PartWriter
from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.log import log_of
from chat.models.log.folding import POSTED, fold

PAGE = 100  # entries in one query: people who write wait so long for the database
MOST_TRIES = 50  # how often a room's members may change while they are copied
CHUNKS = 4  # of a picture, in one query

# Called with the seconds of each query; it waits, so that others have the database meanwhile.
Pace = Callable[[float], None]


class RoomCopy:
    """The copy of one room. `cut`: the last entry of the log that it has."""

    def __init__(self, room_id: Id, parts: PartWriter, pace: Pace):
        self._room_id = room_id
        self._parts = parts
        self._pace = pace
        self._wanted = 0  # the copy must reach this entry
        self._erased_to = 0
        self._behind: set[Id] = set()  # messages whose copies may lack a change
        self.cut = 0

    def copy(self) -> Iterator[None]:
        """Copy the room, step by step. A room that is deleted meanwhile may be copied in part."""
        room = database["rooms"].find_one({"_id": self._room_id})
        if room is None:
            return
        applied_seq = int(room.get("applied_hint", 0))
        self._erased_to = int(room.get("erased_to", 0))
        self._wanted = log_of(self._room_id).head().seq
        again: list[Record] = []
        while self.cut < self._wanted:
            last = min(self.cut + PAGE, self._wanted)
            self._copy_page(self.cut, last, applied_seq)
            self.cut = last
            if self.cut == self._wanted:
                again = self._changed_since_copied()
            yield
        self._copy_again(again)
        yield
        self._copy_people()
        for line in list(database["lines"].find({"room_id": self._room_id})):
            self._parts.add("lines", fitted_to_room("lines", line, self.cut))
        yield
        yield from self._copy_pictures()

    def _copy_page(self, after: int, last: int, applied_seq: int) -> None:
        query = {"room_id": self._room_id, "seq": {"$gt": after, "$lte": last}}
        names_somebody = []
        for entry in sorted(self._read("log", query), key=lambda entry: int(entry["seq"])):
            self._parts.add("log", entry)
            if entry["event"] == POSTED:
                self._wanted = max(self._wanted, entry["applied_seq"])
                if entry.get("mentions") or entry.get("mentions_room"):
                    names_somebody.append(entry["_id"])
            elif entry["seq"] > applied_seq:
                self._behind.add(entry["message_id"])
        for mention in self._mentions_of(names_somebody):
            self._parts.add("mentions", mention)

    def _changed_since_copied(self) -> list[Record]:
        """Return the messages whose copies may lack a change, as of the cut.

        If one includes a later change by now, the cut must move on, and the result means nothing.
        """
        found = []
        for record in database.find_by_ids("log", self._behind):
            query = {
                "room_id": self._room_id,
                "message_id": record["_id"],
                "seq": {"$gt": record["applied_seq"], "$lte": self.cut},
            }
            changes = sorted(database["log"].find(query), key=lambda each: int(each["seq"]))
            # A deletion may have removed the texts of changes after the record was read.
            now_seq = database["log"].find_one({"_id": record["_id"]}, {"applied_seq": 1})
            self._wanted = max(self._wanted, (now_seq or record)["applied_seq"])
            if self._wanted > self.cut:
                return []
            found.append(fold(record, changes))
        return found

    def _copy_again(self, messages: list[Record]) -> None:
        for message in messages:
            self._parts.replace("log", message)
        for mention in self._mentions_of([message["_id"] for message in messages]):
            self._parts.replace("mentions", mention)

    def _mentions_of(self, message_ids: list[Id]) -> list[RawBSONDocument]:
        if not message_ids:
            return []
        return self._read("mentions", {"message_id": {"$in": message_ids}})

    def _copy_people(self) -> None:
        """Copy the room's record and memberships of one moment."""
        room: Record | None = None
        memberships: list[Record] = []
        for _try in range(MOST_TRIES):
            room = database["rooms"].find_one({"_id": self._room_id})
            if room is None:
                return
            memberships = list(database["memberships"].find({"room_id": self._room_id}))
            same = {"_id": self._room_id, "changes": room["changes"], "pending": None}
            if database["rooms"].find_one(same, {"_id": 1}):
                break
        assert room
        for membership in memberships:
            fitting = fitted_to_room("memberships", membership, self.cut)
            self._parts.add("memberships", fitting)
        # The copy may have messages that were erased after they were copied.
        hints = {"head_hint": self.cut, "applied_hint": self.cut, "erased_to": self._erased_to}
        self._parts.add("rooms", room | hints)

    def _copy_pictures(self) -> Iterator[None]:
        for image in list(database["images"].find({"room_id": self._room_id})):
            self._parts.add("images", fitted_to_room("images", image, self.cut))
            for name in ("original", "thumbnail"):
                yield from copy_file(f"{image['_id']}/{name}", self._parts, self._pace)

    def _read(self, name: str, query: Record) -> list[RawBSONDocument]:
        began = time.monotonic()
        found = list(database.undecoded(name).find(query, batch_size=PAGE + 1))
        self._pace(time.monotonic() - began)
        return found


def copy_file(file_id: str, parts: PartWriter, pace: Pace) -> Iterator[None]:
    """Copy a picture's file, a few segments at a time."""
    file = database["pictures.files"].find_one({"_id": file_id})
    if file is None:
        return
    segments = -(-file["length"] // file["chunkSize"])
    for first in range(0, segments, CHUNKS):
        began = time.monotonic()
        query = {"files_id": file_id, "n": {"$gte": first, "$lt": first + CHUNKS}}
        for chunk in list(database.undecoded("pictures.chunks").find(query)):
            parts.add("pictures.chunks", chunk)
        pace(time.monotonic() - began)
        yield
    parts.add("pictures.files", file)
