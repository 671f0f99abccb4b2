"""What somebody said in a room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chat.models.database import Record
from chat.models.document import Id, new_id
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
    created_at: datetime

    @property
    def version(self) -> int:
        """The seq of its last change."""
        return self.seq

    @classmethod
    def post(cls, room_id: Id, author: User, client_id: str, body: str) -> tuple[Message, bool]:
        """The message, durably kept, and whether this call made it: the same client_id gives the first one.

        `body` is clean and not empty. Raises Conflict, Unavailable.
        """
        message_id, print_of_it = new_id(), cls.fingerprint(room_id, body)
        record = {
            "_id": message_id, "room_id": room_id, "event": POSTED, "author_id": author.id, "client_id": client_id,
            "fingerprint": print_of_it, "body": cls.seal_body(room_id, message_id, body), "created_at": now(),
        }
        kept, is_new = log_of(room_id).append(Draft(author.id, client_id, print_of_it, record))
        if kept["_id"] == message_id:
            return cls._from(kept, author, body), is_new
        return cls._from(kept, author, cls.open_body(kept)), is_new

    @classmethod
    def from_records(cls, records: list[Record]) -> list[Message]:
        """The messages of posted entries, opened, with their authors. Raises CannotOpen."""
        authors = User.find_many(record["author_id"] for record in records)
        return [cls._from(record, authors[record["author_id"]], cls.open_body(record)) for record in records]

    @classmethod
    def _from(cls, record: Record, author: User, body: str) -> Message:
        return cls(
            id=record["_id"], room_id=record["room_id"], seq=record["seq"], client_id=record["client_id"],
            author=author, body=body, created_at=record["created_at"],
        )
