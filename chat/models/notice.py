"""A notice to the other processes that something changes which their sockets live by.

It is left before the change, so that no change goes unnoticed whatever dies in between, and heeded by every process
again and again while it is fresh: whoever heeds it looks at what is, and does nothing where nothing is to be done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from chat.models.database import database
from chat.models.document import Id, new_id
from chat.utils.clock import now

FRESH = timedelta(
    seconds=40
)  # the longest change, two rounds of looking, and the clocks of two machines that differ
AHEAD = timedelta(days=1)  # no notice is later than this: a range has two ends


@dataclass(frozen=True)
class ChangeNotice:
    """`kind`: "session", "member" or "room"; `about`: the ids concerned, by name."""

    kind: str
    about: dict[str, Id]

    @staticmethod
    def leave(kind: str, **about: Id) -> None:
        database["notices"].insert_one({"_id": new_id(), "kind": kind, "about": about, "at": now()})

    @classmethod
    def fresh(cls) -> list[ChangeNotice]:
        """What was left within FRESH, by any process."""
        query = {"at": {"$gte": now() - FRESH, "$lt": now() + AHEAD}}
        return [cls(record["kind"], record["about"]) for record in database["notices"].find(query)]
