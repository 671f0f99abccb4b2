"""Prepared exports: files that people asked for, of a room or of what is kept about themselves.

A program makes the file apart from the chat's processes. It claims an export by moving the moment
of its next try: if it dies, another one makes the file again. The file is sealed under its asker's
keys and a half of its own, which is destroyed with the export: after a day at the latest. Each try
has a file of its own, so that a slow program harms nothing of the one that took over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO

from bson import Int64

from chat.models.damaged import readable
from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.models.halves import halves
from chat.models.key_ring import key_ring
from chat.models.sealed_file import SealedFile, remove_file
from chat.utils.clock import now

STATES = WAITING, WORKING, READY, FAILED = ("waiting", "working", "ready", "failed")
KEPT_FOR = timedelta(days=1)
CLAIM = timedelta(seconds=60)  # its program renews it at each step
MOST_TRIES = 3  # what ends its program three times ends it a fourth time
MOST = 5  # exports of a person
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # earlier than every export: a range's lower end
NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # the next try of what is ready, or has failed


class _Lost(Exception):
    """The export was deleted, or another program makes it by now."""


@dataclass(frozen=True)
class PreparedExport:
    """`room_id`: None for what is kept about its person. `user_id`: who asked for it, and gets it.

    `size`: bytes of its file. `rooms`, `of_rooms` and `messages`: how far it is.
    """

    id: Id
    user_id: Id
    room_id: Id | None
    state: str
    created_at: datetime
    expires_at: datetime
    size: int
    rooms: int
    of_rooms: int
    messages: int
    is_too_large: bool
    _tries: int

    @classmethod
    def make(cls, user_id: Id, room_id: Id | None) -> PreparedExport:
        """Ask for a room, or for what is kept about the person."""
        moment = now()
        record: Record = {
            "_id": new_id(),
            "user_id": user_id,
            "room_id": room_id,
            "state": WAITING,
            "created_at": moment,
            "expires_at": moment + KEPT_FOR,
            "try_at": moment,
            "tries": 0,
        }
        database["exports"].insert_one(record)
        return cls._from(record)

    @classmethod
    def of_person(cls, user_id: Id) -> list[PreparedExport]:
        """Return a person's exports, the newest first."""
        found = readable("exports", database["exports"].find({"user_id": user_id}), cls._from)
        return sorted(found, key=lambda each: each.id, reverse=True)

    @classmethod
    def find(cls, export_id: Id) -> PreparedExport | None:
        record = database["exports"].find_one({"_id": export_id})
        return cls._from(record) if record else None

    @classmethod
    def are_due(cls) -> bool:
        """Return whether an export waits for its program, and none is being made."""
        unfinished, moment = cls._unfinished(), now()
        if any(each["state"] == WORKING and each["try_at"] > moment for each in unfinished):
            return False
        return any(each["try_at"] <= moment for each in unfinished)

    @classmethod
    def claim(cls) -> PreparedExport | None:
        """Claim the export that waits longest; None if none does."""
        for record in cls._unfinished():
            if record["try_at"] > now():
                break
            same = {"_id": record["_id"], "try_at": record["try_at"]}
            claimed = {"state": WORKING, "try_at": now() + CLAIM, "tries": record["tries"] + 1}
            if database["exports"].update_one(same, {"$set": claimed}).modified_count:
                if "half" in record:  # of a try that was killed
                    halves.destroy([record["half"]])
                _remove_files(record)
                return cls._from(record | claimed)
        return None

    @property
    def is_under_way(self) -> bool:
        return self.state in (WAITING, WORKING)

    @property
    def was_tried_enough(self) -> bool:
        return self._tries > MOST_TRIES

    def renew(self, rooms: int, of_rooms: int, messages: int) -> bool:
        """Keep the claim, and say how far it is. Return False if somebody else has it by now."""
        far = {"rooms": rooms, "of_rooms": of_rooms, "messages": messages}
        return self._change({"try_at": now() + CLAIM} | far)

    def finish(self, file: IO[bytes], rest: Callable[[float], object]) -> bool:
        """Seal and store the file. Return False if somebody else has the export, or nobody.

        `rest` gets how many seconds each step took.
        """
        half = halves.take()
        sealed = self._file
        try:
            self._keep({"half": Int64(half)})
            key_ring.make(self.user_id)  # not before: an erased person gets no keys again
            sealed.write(half, file, self._keeping(rest))
            size = Int64(file.seek(0, 2))
            self._keep(
                {"state": READY, "size": size, "try_at": NEVER, "expires_at": now() + KEPT_FOR}
            )
        except _Lost:
            halves.destroy([half])
            remove_file(sealed.id)
            return False
        return True

    def fail(self, *, is_too_large: bool = False) -> None:
        """Give it up: nothing tries again."""
        self._change({"state": FAILED, "try_at": NEVER, "is_too_large": is_too_large})

    def read(self) -> Iterator[bytes]:
        """Yield the bytes of a ready file. Raises CannotOpen."""
        return self._file.read(self.size, 0, self.size - 1)

    def remove(self) -> None:
        """Delete it: its half, its file, then its record."""
        record = database["exports"].find_one({"_id": self.id})
        if record is None:
            return
        if "half" in record:
            halves.destroy([record["half"]])
        _remove_files(record)
        database["exports"].delete_one({"_id": self.id})

    @classmethod
    def expired(cls) -> list[PreparedExport]:
        query = {"expires_at": {"$gt": BEGINNING, "$lte": now()}}
        return list(readable("exports", database["exports"].find(query), cls._from))

    @classmethod
    def end_of_person(cls, user_id: Id) -> None:
        """Delete what an erased person asked for."""
        for each in cls.of_person(user_id):
            each.remove()

    @classmethod
    def end_all(cls, room_id: Id) -> None:
        """Delete the exports of a deleted room."""
        found = database["exports"].find({"room_id": room_id})
        for each in list(readable("exports", found, cls._from)):
            each.remove()

    @staticmethod
    def all_ids() -> list[Id]:
        return [record["_id"] for record in database["exports"].find({}, {"_id": 1})]

    @property
    def _file(self) -> SealedFile:
        file_id = _file_id(self.id, self._tries)
        return SealedFile(file_id, f"{self.user_id}/{self.id}/export", self.user_id)

    def _keeping(self, rest: Callable[[float], object]) -> Callable[[], None]:
        begun = time.monotonic()

        def keep() -> None:
            nonlocal begun
            self._keep({})
            rest(time.monotonic() - begun)
            begun = time.monotonic()

        return keep

    def _keep(self, changes: Record) -> None:
        if not self._change({"try_at": now() + CLAIM} | changes):
            raise _Lost

    @classmethod
    def _unfinished(cls) -> list[Record]:
        """Return what is not ready and has not failed, by the moment of its next try."""

        def checked(record: Record) -> Record:
            cls._from(record)
            return record

        found = database["exports"].find({"try_at": {"$gt": BEGINNING, "$lt": NEVER}})
        return sorted(readable("exports", found, checked), key=lambda each: each["try_at"])

    def _change(self, changes: Record) -> bool:
        mine = {"_id": self.id, "tries": self._tries}
        return bool(database["exports"].update_one(mine, {"$set": changes}).matched_count)

    @classmethod
    def _from(cls, record: Record) -> PreparedExport:
        return cls(
            record["_id"],
            record["user_id"],
            record["room_id"],
            record["state"],
            record["created_at"],
            record["expires_at"],
            record.get("size", 0),
            record.get("rooms", 0),
            record.get("of_rooms", 0),
            record.get("messages", 0),
            record.get("is_too_large", False),
            record["tries"],
        )


def _remove_files(record: Record) -> None:
    for number in range(1, record["tries"] + 1):
        remove_file(_file_id(record["_id"], number))


def _file_id(export_id: Id, number: int) -> str:
    return f"{export_id}/export {number}"
