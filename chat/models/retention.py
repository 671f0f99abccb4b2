"""Retention: for how many days messages are kept, by the chat and by a room.

A room may keep its messages for a shorter time than the chat, and for a longer one only where an
administrator chose so: docs/decisions/0057-retention.md.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from chat.models.database import Record

LONGEST_DAYS = 36_500
FOR_EVER = 0  # days


class Retention(NamedTuple):
    """What was chosen for a room. `days`: None follows the chat, FOR_EVER deletes nothing.

    `is_exempt`: an administrator chose it, so it may be longer than the chat's.
    """

    days: int | None = None
    is_exempt: bool = False

    @classmethod
    def of(cls, room: Record) -> Retention:
        """Return what a room's record says."""
        if "retention_days" not in room:
            return UNCHOSEN
        return cls(room["retention_days"], room["retention_is_exempt"])

    def within(self, of_chat: int, *, is_fixed: bool) -> int:
        """Return the days after which messages are deleted; FOR_EVER if they are not.

        `of_chat`: the days of the whole chat. `is_fixed`: the operator set these, so that no room
        keeps messages for longer.
        """
        if self.days is None:
            return of_chat
        if self.is_exempt and not is_fixed:
            return self.days
        return min((days for days in (self.days, of_chat) if days), default=FOR_EVER)


UNCHOSEN = Retention()


def is_longer(days: int, than: int) -> bool:
    """Return whether messages are kept for longer. FOR_EVER is longer than every number of days."""
    return bool(than) and (not days or days > than)


def cutoff(days: int, moment: datetime) -> datetime:
    """Return the moment before which messages are too old: it moves at midnight (UTC) only.

    So a room loses a day of messages once a day, and not one message after the other.
    """
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days)
