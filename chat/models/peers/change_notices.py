"""Change notices inform other processes of a change that affects their sockets.

A process inserts the notice before the change, so that no process misses the change after a crash.
Every process handles a notice repeatedly while the notice is fresh. Handling is idempotent: the
process reads the current state, and does nothing if nothing changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter

from chat.models.damaged import readable
from chat.models.database import database
from chat.models.document import Id, new_id
from chat.utils.clock import now

# A notice is fresh for so long: enough for the longest change, two rounds of polling, and the clock
# difference of two machines.
FRESH = timedelta(seconds=40)
AHEAD = timedelta(days=1)  # later than every notice: the upper end of a range


@dataclass(frozen=True)
class ChangeNotice:
    """A notice of a change. `about`: ids by name.

    `kind`: "session", "member", "room", "chat", "reports", or "import" (a member of a room that
    `bin/chat import` made, which a process without a queue would not learn of).
    """

    kind: str
    about: dict[str, Id]

    @staticmethod
    def store(kind: str, **about: Id) -> None:
        database["notices"].insert_one({"_id": new_id(), "kind": kind, "about": about, "at": now()})

    @classmethod
    def fresh(cls) -> list[ChangeNotice]:
        """Return the notices that any process stored within FRESH."""
        query = {"at": {"$gte": now() - FRESH, "$lt": now() + AHEAD}}
        found = readable("notices", database["notices"].find(query), itemgetter("kind", "about"))
        return [cls(kind, about) for kind, about in found]
