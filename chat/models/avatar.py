"""Avatars: an avatar is a square image of a person in several sizes, sealed under the person's key.

Everybody who is signed in may see every avatar. The chat's icon is stored in the same way, with
CHAT_ID as its person, and everybody may see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import IO

from bson import Int64

from chat.models.damaged import readable, whole
from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.models.halves import halves
from chat.models.key_ring import key_ring
from chat.models.own_ids import CHAT_ID
from chat.models.sealed_file import SealedFile, remove_file
from chat.utils.clock import now
from chat.utils.encryption import CannotOpen
from chat.utils.pictures import AVATAR_SIZES, ICON_SIZES

UNSETTLED_FOR = timedelta(hours=1)  # longer than any change of an avatar takes
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # earlier than every avatar: a range's lower end
SWEEP = 500  # how many avatars one query of the sweep reads


@dataclass(frozen=True)
class Avatar:
    """An image that a person chose. A person's next image gets a new id, so bytes never change."""

    id: Id
    user_id: Id
    lengths: dict[int, int]  # size in pixels -> bytes

    @classmethod
    def begin(cls, user_id: Id) -> Id:
        """Insert the record of a new avatar. Return its id.

        The record is stored before the bytes, so that the sweep finds an upload that a crash ended.
        """
        key_ring.make(user_id)
        avatar_id = new_id()
        record: Record = {
            "_id": avatar_id,
            "user_id": user_id,
            "lengths": {},
            "unsettled_since": now(),
            "half": Int64(halves.take()),
        }
        database["avatars"].insert_one(record)
        return avatar_id

    @classmethod
    def finish(cls, avatar_id: Id, user_id: Id, squares: dict[int, IO[bytes]]) -> None:
        """Seal and store the avatar's bytes. Raises CannotOpen if the sweep deleted its record."""
        record = database["avatars"].find_one({"_id": avatar_id})
        if record is None:
            raise CannotOpen(f"{user_id}/{avatar_id}: it was swept while it was made")
        for size, file in squares.items():
            _file(user_id, avatar_id, size).write(record["half"], file)
        lengths = {str(size): file.seek(0, 2) for size, file in squares.items()}
        database["avatars"].update_one({"_id": avatar_id}, {"$set": {"lengths": lengths}})

    @classmethod
    def find(cls, avatar_id: Id) -> Avatar | None:
        """Return an avatar that is stored completely.

        Return None when its half is destroyed: a restored backup has avatars that people replaced
        after the backup.
        """
        record = database["avatars"].find_one({"_id": avatar_id})
        if (
            record is None
            or not whole("avatars", record, itemgetter("lengths"))
            or ("half" in record and halves.is_destroyed(record["half"]))
        ):
            return None
        return whole("avatars", record, _from)

    def read(self, size: int) -> bytes:
        """Return the image in one of AVATAR_SIZES, as WebP; an icon in one of ICON_SIZES, as PNG.

        Raises CannotOpen, which names the avatar.
        """
        length = self.lengths[size]
        return b"".join(_file(self.user_id, self.id, size).read(length, 0, length - 1))

    @staticmethod
    def settle(avatar_id: Id) -> None:
        """Record that the avatar belongs to its person."""
        database["avatars"].update_one({"_id": avatar_id}, {"$set": {"unsettled_since": None}})

    @staticmethod
    def unsettle(avatar_id: Id) -> None:
        """Record that the avatar may soon not belong to its person any more.

        If the process dies before the outcome, the sweep examines the avatar.
        """
        database["avatars"].update_one({"_id": avatar_id}, {"$set": {"unsettled_since": now()}})

    @staticmethod
    def unsettled() -> list[tuple[Id, Id]]:
        """Return (avatar, person) of avatars that may belong to nobody.

        These avatars have been unsettled for UNSETTLED_FOR, so nobody is changing them now.
        """
        query = {"unsettled_since": {"$gte": BEGINNING, "$lt": now() - UNSETTLED_FOR}}
        found = database["avatars"].find(query).limit(SWEEP)
        return list(readable("avatars", found, itemgetter("_id", "user_id")))

    @staticmethod
    def all_settled() -> list[tuple[Id, Id | None]]:
        """Return (avatar, person) of all avatars that belong to somebody, for `bin/chat verify`.

        A damaged record may lack the person.
        """
        return [
            (record["_id"], record.get("user_id"))
            for record in database["avatars"].find()
            if not record.get("unsettled_since")
        ]

    @staticmethod
    def all_ids() -> list[Id]:
        return [record["_id"] for record in database["avatars"].find({}, {"_id": 1})]

    @staticmethod
    def discard(avatar_id: Id) -> None:
        """Delete an avatar: its half, its bytes, then its record.

        The record is deleted last, so that the sweep finds a deletion that a crash ended.
        """
        record = database["avatars"].find_one({"_id": avatar_id})
        if record and "half" in record:
            halves.destroy([record["half"]])
        is_icon = record is not None and record["user_id"] == CHAT_ID
        for size in ICON_SIZES if is_icon else AVATAR_SIZES:
            remove_file(_file_id(avatar_id, size))
        database["avatars"].delete_one({"_id": avatar_id})


def _from(record: Record) -> Avatar:
    return Avatar(
        record["_id"],
        record["user_id"],
        {int(size): length for size, length in record["lengths"].items()},
    )


def _file(user_id: Id, avatar_id: Id, size: int) -> SealedFile:
    return SealedFile(_file_id(avatar_id, size), f"{user_id}/{avatar_id}/avatar {size}", user_id)


def _file_id(avatar_id: Id, size: int) -> str:
    return f"{avatar_id}/{size}"
