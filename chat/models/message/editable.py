"""Editable: an author edits a message.

Earlier versions stay, sealed, until somebody deletes the message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from chat.models.database import Record, database
from chat.models.log import EDITED, log_of
from chat.models.message.bounds import MOST_BYTES, Allowance
from chat.models.message.changeable import Changeable, ChangedMessage
from chat.models.user import User
from chat.utils.errors import Forbidden, ValidationFailed
from chat.utils.translation import _

MOST_VERSIONS = 100  # in one answer
STRETCH = 200  # entries of the log in the first range of a search
WIDER = 4  # after a range without changes of the message, the next one is so many times as wide
MOST_STRETCHES = 10  # ranges that are searched for one answer
AT_A_TIME = 20  # versions that one query reads


@dataclass(frozen=True)
class Version:
    """The body of a message from a moment on."""

    body: str
    created_at: datetime


class Editable(Changeable):
    def edit(
        self, actor: User, body: str, charge: Callable[[int], None] = lambda _: None
    ) -> ChangedMessage[Self]:
        """Give the message another body, which the caller has cleaned.

        Before it writes, this method calls `charge` with the number of bytes. Raises Forbidden,
        Conflict, ValidationFailed, Unavailable.
        """
        if actor.id != self.author.id:
            raise Forbidden(_("Only its author can edit a message."))
        text = self.compose(self.room_id, actor, body)
        # An edit writes an entry, and replaces the record.
        charge(text.written_bytes + text.stored_bytes + self.text.stored_bytes)
        self.note_mentions(self.room_id, self.id, text)

        def decide(record: Record) -> Record | None:
            if not body and "images" not in record:
                raise ValidationFailed(fields={"body": _("Write something first.")})
            if self.open_body(record) == body:
                return None
            keys = self.keys(self.room_id, self.id, self.half_of(record))
            sealed = self.seal_text(keys, self.room_id, self.id, text)
            return {"event": EDITED, "text": sealed, **self.named_by(text)}

        return self.change(actor, decide)

    def versions(
        self,
        after: int = 0,
        limit: int = MOST_VERSIONS,
        size: Callable[[Version], int] = lambda _: 0,
        most_bytes: int = MOST_BYTES,
    ) -> tuple[list[Version], int | None]:
        """Return the versions, oldest first, and the seq after which the list goes on.

        The answer has at most `limit` versions, and at most `most_bytes`, counted by `size`. If the
        log has many other changes, the answer may be empty although the list goes on. A deleted
        message has no versions. Raises CannotOpen.
        """
        record = log_of(self.room_id).apply(self.id)
        if self.is_gone(record):
            return [], None
        found = self._some_versions(record, after, limit, size, Allowance(most_bytes))
        if self.is_gone(record):  # somebody has deleted the message meanwhile
            return [], None
        return found

    def _some_versions(
        self,
        record: Record,
        after: int,
        limit: int,
        size: Callable[[Version], int],
        allowance: Allowance,
    ) -> tuple[list[Version], int | None]:
        shown: list[Version] = []
        reached = after
        for reached_then, version in self._versions_after(record, after):
            if version:
                if len(shown) == limit or not allowance.takes(size(version)):
                    return shown, reached
                shown.append(version)
            reached = reached_then
        return shown, reached if reached < _last(record) else None

    def _versions_after(self, record: Record, after: int) -> Iterator[tuple[int, Version | None]]:
        """Yield the seq that the search has reached, and the version at that seq, if there is one.

        Search at most MOST_STRETCHES ranges of the log.
        """
        if after < record["seq"]:
            first = {**record, "text": record.get("original", record["text"])}
            yield record["seq"], Version(self.open_body(first), record["created_at"])
        at = max(after, record["seq"])
        last = _last(record)
        width = STRETCH
        for _stretch in range(MOST_STRETCHES):
            if at >= last:
                return
            changes = log_of(self.room_id).changes_between(self.id, at, min(at + width, last))
            edits = [change["_id"] for change in changes if change["event"] == EDITED]
            for start in range(0, len(edits), AT_A_TIME):
                records = database["log"].find({"_id": {"$in": edits[start : start + AT_A_TIME]}})
                for edit in sorted(records, key=lambda edit: int(edit["seq"])):
                    yield edit["seq"], Version(self.open_body(edit, self.id), edit["created_at"])
            at += width
            width = STRETCH if changes else width * WIDER
            yield min(at, last), None


def _last(record: Record) -> int:
    """Return the seq of the last entry that belongs to a message."""
    return max(int(record["seq"]), int(record["applied_seq"]))
