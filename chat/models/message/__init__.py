"""What somebody said in a room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chat.models.database import Record
from chat.models.document import Id, new_id
from chat.models.image import Image
from chat.models.log import POSTED, Draft, log_of
from chat.models.message.paged import Paged
from chat.models.message.sealed import Sealed
from chat.models.user import User
from chat.utils.clock import now


@dataclass(frozen=True, kw_only=True)
class Message(Sealed, Paged):
    """A message as it stands in the room's log: sealed there, open here."""

    id: Id
    room_id: Id
    seq: int
    client_id: str
    author: User
    body: str
    images: list[dict[str, Any]]  # what Image.as_kept gives
    created_at: datetime

    @property
    def version(self) -> int:
        """The seq of its last change."""
        return self.seq

    @classmethod
    def post(cls, room_id: Id, author: User, client_id: str, body: str, images: Sequence[Image] = ()) -> tuple[Message, bool]:
        """The message, durably kept, and whether this call made it: the same client_id gives the first one.

        `body` is clean, and not empty unless there are images. Raises Conflict, Unavailable.
        """
        message_id, kept_images = new_id(), [image.as_kept() for image in images]
        print_of_it = cls.fingerprint(room_id, body, [image["id"] for image in kept_images])
        record: Record = {
            "_id": message_id, "room_id": room_id, "event": POSTED, "author_id": author.id, "client_id": client_id,
            "fingerprint": print_of_it, "body": cls.seal_body(room_id, message_id, body), "created_at": now(),
        }
        if kept_images:
            record["images"] = cls.seal_images(room_id, message_id, kept_images)
        kept, is_new = log_of(room_id).append(Draft(author.id, client_id, print_of_it, record))
        if kept["_id"] == message_id:
            return cls._from(kept, author, body, kept_images), is_new
        return cls._opened(kept, author), is_new

    @classmethod
    def from_records(cls, records: list[Record]) -> list[Message]:
        """The messages of posted entries, opened, with their authors. Raises CannotOpen."""
        authors = User.find_many(record["author_id"] for record in records)
        return [cls._opened(record, authors[record["author_id"]]) for record in records]

    @classmethod
    def _opened(cls, record: Record, author: User) -> Message:
        return cls._from(record, author, cls.open_body(record), cls.open_images(record))

    @classmethod
    def _from(cls, record: Record, author: User, body: str, images: list[dict[str, Any]]) -> Message:
        return cls(
            id=record["_id"], room_id=record["room_id"], seq=record["seq"], client_id=record["client_id"],
            author=author, body=body, images=images, created_at=record["created_at"],
        )
