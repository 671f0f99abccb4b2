"""What the job that delivers needs to know of outgoing webhooks before it delivers anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from chat.models.database import database
from chat.models.document import Id
from chat.utils.clock import now

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # earlier than every change
AHEAD = timedelta(days=1)  # a clock that differs by more is wrong


class Untold(NamedTuple):
    """That a webhook switched itself off, which its room does not know yet.

    `id`: of the line and of the audit's entry, so that telling it again does nothing more.
    """

    id: Id
    why: str


@dataclass(frozen=True)
class Standing:
    """Where a webhook stands. `is_untold`: whether its room is still to be told that it is off."""

    id: Id
    room_id: Id
    is_on: bool
    due_at: datetime | None
    is_untold: bool


def changed_since(moment: datetime = BEGINNING) -> list[Standing]:
    """Return the webhooks that somebody made, changed or switched since then."""
    query = {"changed_at": {"$gte": moment, "$lte": now() + AHEAD}}
    fields = {"room_id": 1, "off_why": 1, "due_at": 1, "untold_id": 1}
    return [
        Standing(
            each["_id"],
            each["room_id"],
            each["off_why"] is None,
            each["due_at"],
            bool(each.get("untold_id")),
        )
        for each in database["outgoing_webhooks"].find(query, fields)
    ]
