"""Quiet hours: hours of some days in which nothing notifies a person, by the clock of one zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from chat.utils.days import zone_of

DAYS = range(7)  # Monday is 0


@dataclass(frozen=True)
class QuietHours:
    """From one time of the day to another, `HH:MM`; if it is not later, the night in between.

    `days`: the days on which they begin. The clock on the wall decides, so they last an hour less
    or more in a night in which it is put forward or back.
    """

    begin: str
    end: str
    days: tuple[int, ...]
    time_zone: str  # as `zone_of` takes it

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        return cls(stored["from"], stored["to"], tuple(stored["days"]), stored["time_zone"])

    @property
    def record(self) -> dict[str, Any]:
        """Return the hours as the database and the API have them."""
        return {
            "from": self.begin,
            "to": self.end,
            "days": list(self.days),
            "time_zone": self.time_zone,
        }

    def cover(self, moment: datetime) -> bool:
        """Return whether a moment is in these hours."""
        local = moment.astimezone(zone_of(self.time_zone) or UTC)
        time, today = f"{local:%H:%M}", local.weekday()
        if self.begin < self.end:
            return today in self.days and self.begin <= time < self.end
        if time >= self.begin:
            return today in self.days
        return time < self.end and (today - 1) % len(DAYS) in self.days
