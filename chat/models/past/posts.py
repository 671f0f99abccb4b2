"""Messages of the past and their changes, and the records that these become."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chat.models.database import Record
from chat.models.document import Id, derived_id
from chat.models.halves import halves
from chat.models.log import EDITED, PINNED, POSTED, REACTED, Head
from chat.models.log.folding import fold
from chat.models.message import Message
from chat.models.message.text import Text


@dataclass(frozen=True)
class PastChange:
    """A change of a message: `text` of an edit, `emoji` of a reaction, or else a pin."""

    author_id: Id
    created_at: datetime
    text: Text | None = None
    emoji: str = ""


@dataclass(frozen=True)
class PastPost:
    """A message of another time.

    `client_id`: made of its name there. `edited_at`: of an edit whose earlier text nobody knows.
    """

    id: Id
    room_id: Id
    author_id: Id
    client_id: str
    created_at: datetime
    text: Text
    images: tuple[dict[str, Any], ...] = ()
    reply_to_id: Id | None = None
    edited_at: datetime | None = None
    changes: tuple[PastChange, ...] = ()

    def records(self, before: Head) -> list[Record]:
        """Return the message's record after its changes, and the entries of these, in order.

        `before`: the entry after which they come. Seals all texts under a half of their own.
        """
        posted = self._posted(Head(before.seq + 1, before.ordinal + 1))
        changes: list[Record] = []
        for number, change in enumerate(self.changes, 1):
            changes.append(_entry(posted, change, number))
        return [fold(posted, changes), *changes]

    def texts(self) -> Iterator[Text]:
        """Yield the text of every version."""
        yield self.text
        yield from (change.text for change in self.changes if change.text)

    def _posted(self, place: Head) -> Record:
        keys = Message.keys(self.room_id, self.id, halves.take())
        reply_to = str(self.reply_to_id or "")
        image_ids = [image["id"] for image in self.images]
        fingerprint = Message.fingerprint(self.room_id, self.text.body, reply_to, image_ids)
        record: Record = {
            "_id": self.id,
            "room_id": self.room_id,
            "event": POSTED,
            "seq": place.seq,
            "ordinal": place.ordinal,
            "author_id": self.author_id,
            "client_id": self.client_id,
            "applied_seq": 0,
            "fingerprint": Message.sealed_fingerprint(keys, fingerprint),
            "text": Message.seal_text(keys, self.room_id, self.id, self.text),
            "created_at": self.created_at,
            **Message.named_by(self.text),
        }
        if self.images:
            record["images"] = Message.seal_images(keys, self.room_id, self.id, list(self.images))
        if self.reply_to_id:
            record["reply_to_id"] = self.reply_to_id
        if self.edited_at:
            record["edited_at"] = self.edited_at
        return record


def _entry(posted: Record, change: PastChange, number: int) -> Record:
    return {
        "_id": derived_id(change.created_at, str(posted["_id"]), str(number)),
        "room_id": posted["room_id"],
        "seq": posted["seq"] + number,
        "ordinal": posted["ordinal"],
        "author_id": change.author_id,
        "client_id": f"{posted['client_id']}-{number}",
        "message_id": posted["_id"],
        "message_seq": posted["seq"],
        "created_at": change.created_at,
        **_content(posted, change),
    }


def _content(posted: Record, change: PastChange) -> Record:
    if change.text:
        keys = Message.keys(posted["room_id"], posted["_id"], Message.half_of(posted))
        sealed = Message.seal_text(keys, posted["room_id"], posted["_id"], change.text)
        return {"event": EDITED, "text": sealed, **Message.named_by(change.text)}
    if change.emoji:
        reaction = Message.seal_reaction(posted, change.emoji)
        return {"event": REACTED, "reaction": reaction, "on": True}
    return {"event": PINNED, "on": True}
