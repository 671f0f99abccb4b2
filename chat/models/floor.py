"""Floor: the messages of a room that are too old are gone, whether or not they are erased yet.

Every reader of the log honours the floor, so all of them lose these messages at the same moment. A
job erases the messages afterwards, in small steps.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from chat.models.database import Record


class Floor(NamedTuple):
    """Where the messages begin that a room keeps. It only ever rises.

    `seq`: messages before it are gone; 1 keeps all. `ordinal`: how many messages that are, with the
    pinned ones. `pins_seq`: likewise, of pinned messages. `at`: when the floor rose last.
    """

    seq: int = 1
    ordinal: int = 0
    pins_seq: int = 1
    at: datetime | None = None

    @classmethod
    def of(cls, room: Record) -> Floor:
        """Return the floor in a room's record."""
        if "kept_from" not in room:
            return NO_FLOOR
        return cls(
            room["kept_from"], room["gone_messages"], room["pins_kept_from"], room["floor_at"]
        )

    def hides(self, record: Record) -> bool:
        """Return whether the message of a posted entry, with all its changes, is gone."""
        return bool(record["seq"] < (self.pins_seq if record.get("pinned_at") else self.seq))


NO_FLOOR = Floor()
