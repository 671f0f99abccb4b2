"""Audit: what administrators, moderators and operators did, one entry each.

`actions`: the words for what they did. `chain`: how an entry is appended, and how the chain is
verified. `texts`: how its texts are sealed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from chat.models.audit import chain
from chat.models.audit.actions import ACTIONS
from chat.models.audit.texts import NO_TEXTS, Texts, seal, texts_of
from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.utils.clock import now
from chat.utils.list_page import ListPage

__all__ = ["ACTIONS", "NO_TEXTS", "USUAL_PAGE", "Entry", "Texts", "chain"]

USUAL_PAGE = 50  # entries; no page has more
WINDOW = 200  # entries that one query for a page looks through; each next one twice as many


@dataclass(frozen=True)
class Entry:
    """What somebody did. `actor_id`: None for an operator with a shell on the machine.

    `is_private`: only the room's moderators see the entry. `seq`, `hash`: 0 and empty until the
    entry is stored.
    """

    action: str
    actor_id: Id | None
    user_id: Id | None = None
    room_id: Id | None = None
    message_id: Id | None = None
    invite_id: Id | None = None
    is_private: bool = False
    texts: Texts = NO_TEXTS
    id: Id = field(default_factory=new_id)
    at: datetime = field(default_factory=now)
    seq: int = 0
    hash: str = ""

    def append(self) -> Self:
        """Store the entry behind the newest one, once, and return it. Raises Unavailable."""
        assert self.action in ACTIONS
        record: Record = {
            "_id": self.id,
            "at": self.at,
            "action": self.action,
            "actor_id": self.actor_id,
            "user_id": self.user_id,
            "room_id": self.room_id,
            "message_id": self.message_id,
            "invite_id": self.invite_id,
            "is_private": self.is_private,
        }
        record["texts"] = seal(record, self.texts)
        return self._from_record(chain.append(record))

    @classmethod
    def page(
        cls,
        *,
        before: int | None = None,
        action: str | None = None,
        room_id: Id | None = None,
        shows_private: bool = False,
        limit: int = USUAL_PAGE,
    ) -> ListPage[Self, int]:
        """Return a page of entries, the latest first, older than the seq `before`."""
        found: list[Record] = []
        end = before or chain.newest()[0] + 1
        width = WINDOW
        while end > 1 and len(found) <= limit:
            first = max(1, end - width)
            records = _within(first, end, action, room_id)
            found += (each for each in records if shows_private or not each["is_private"])
            end, width = first, 2 * width
        shown = found[:limit]
        following = shown[-1]["seq"] if len(found) > limit else None
        return ListPage([cls._from_record(record) for record in shown], following)

    @classmethod
    def _from_record(cls, record: Record) -> Self:
        fields = {name: value for name, value in record.items() if name not in ("_id", "texts")}
        return cls(id=record["_id"], texts=texts_of(record), **fields)


def _within(first: int, end: int, action: str | None, room_id: Id | None) -> Iterator[Record]:
    """Yield the wanted entries from the seq `first` on, before `end`, the latest first.

    The database looks for the room or else the action, for which it has an index.
    """
    query: Record = {"seq": {"$gte": first, "$lt": end}}
    if room_id:
        query = {"room_id": room_id} | query
    elif action:
        query = {"action": action} | query
    for record in database["audit"].find(query).sort("seq", -1):
        if action in (None, record["action"]):
            yield record
