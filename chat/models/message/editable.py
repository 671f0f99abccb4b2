"""Editable: by its author. Earlier versions stay, sealed, until the message is deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bson import Binary

from chat.models.database import Record
from chat.models.document import Id
from chat.models.log import EDITED, log_of
from chat.models.message.sealed import Text
from chat.models.user import User
from chat.utils.errors import Forbidden, ValidationFailed

if TYPE_CHECKING:
    from chat.models.message import Message


@dataclass(frozen=True)
class Version:
    """What a message said from a moment on."""

    body: str
    created_at: datetime


class Editable:
    id: Id
    room_id: Id
    author: User

    if TYPE_CHECKING:

        def change(self, actor: User, decide: Callable[[Record], Record | None]) -> Message: ...
        @classmethod
        def compose(cls, room_id: Id, author: User, body: str) -> Text: ...
        @staticmethod
        def named_by(text: Text) -> Record: ...
        @staticmethod
        def note_mentions(room_id: Id, message_id: Id, text: Text) -> None: ...
        @staticmethod
        def seal_text(room_id: Id, message_id: Id, half: int | None, text: Text) -> Binary: ...
        @classmethod
        def half_of(cls, record: Record) -> int | None: ...
        @classmethod
        def is_gone(cls, record: Record) -> bool: ...
        @staticmethod
        def open_text(record: Record, message_id: Id | None = None) -> Text: ...

    def edit(self, actor: User, body: str) -> Message:
        """The message with another body, which is clean. Raises Forbidden, Conflict, ValidationFailed, Unavailable."""
        if actor.id != self.author.id:
            raise Forbidden("A message is edited by its author.")
        text = self.compose(self.room_id, actor, body)
        self.note_mentions(self.room_id, self.id, text)

        def decide(record: Record) -> Record | None:
            if not body and "images" not in record:
                raise ValidationFailed(fields={"body": "Write something first."})
            if self.open_text(record).body == body:
                return None
            sealed = self.seal_text(self.room_id, self.id, self.half_of(record), text)
            return {"event": EDITED, "text": sealed, **self.named_by(text)}

        return self.change(actor, decide)

    def versions(self) -> list[Version]:
        """What it said, the first version first, the present one last; nothing of a deleted message. Raises CannotOpen."""
        log = log_of(self.room_id)
        record = log.apply(self.id)
        if self.is_gone(record):
            return []
        first = {**record, "text": record.get("original", record["text"])}
        edits = [change for change in log.changes_after({"_id": self.id, "applied_seq": 0}) if change["event"] == EDITED]
        return [
            Version(self.open_text(first).body, record["created_at"]),
            *(Version(self.open_text(edit, self.id).body, edit["created_at"]) for edit in edits),
        ]
