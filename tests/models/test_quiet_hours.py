"""Quiet hours: over midnight, on chosen days, and where the clock is put forward or back."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from chat.models.quiet_hours import QuietHours

BERLIN = ZoneInfo("Europe/Berlin")
EVERY_DAY = tuple(range(7))
FRIDAY = (4,)


def hours(begin: str, end: str, days: tuple[int, ...] = EVERY_DAY) -> QuietHours:
    return QuietHours(begin, end, days, "Europe/Berlin")


@pytest.mark.parametrize(
    ("quiet", "at", "is_quiet"),
    [
        (hours("22:00", "07:00"), "2026-11-27 21:59", False),
        (hours("22:00", "07:00"), "2026-11-27 22:00", True),
        (hours("22:00", "07:00"), "2026-11-28 06:59", True),
        (hours("22:00", "07:00"), "2026-11-28 07:00", False),
        (hours("12:00", "13:00"), "2026-11-27 12:30", True),
        (hours("12:00", "13:00"), "2026-11-27 13:00", False),
        (hours("00:00", "00:00"), "2026-11-27 23:59", True),
        # the night that begins on a Friday ends on a Saturday
        (hours("22:00", "07:00", FRIDAY), "2026-11-27 23:00", True),
        (hours("22:00", "07:00", FRIDAY), "2026-11-28 06:00", True),
        (hours("22:00", "07:00", FRIDAY), "2026-11-27 06:00", False),
        (hours("22:00", "07:00", FRIDAY), "2026-11-28 23:00", False),
        (hours("22:00", "07:00", (6,)), "2026-11-30 06:00", True),
        (hours("09:00", "17:00", FRIDAY), "2026-11-28 12:00", False),
    ],
)
def test_hours_begin_on_their_days_and_end_by_the_clock(
    quiet: QuietHours, at: str, is_quiet: bool
) -> None:
    assert quiet.cover(datetime.fromisoformat(at).replace(tzinfo=BERLIN)) is is_quiet


def test_they_follow_the_clock_on_the_wall_when_it_is_put_forward_or_back() -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(f"{text}+00:00")

    night = hours("22:00", "07:00")
    assert night.cover(at("2026-10-25T05:59")), "06:59, after 02:00–03:00 came twice"
    assert not night.cover(at("2026-10-25T06:00"))
    assert night.cover(at("2026-03-29T04:59")), "06:59, after 02:00–03:00 did not come"
    assert not night.cover(at("2026-03-29T05:00"))
    until_none = hours("22:00", "02:30")
    assert until_none.cover(at("2026-03-29T00:59"))
    assert not until_none.cover(at("2026-03-29T01:00")), "03:00: the end was left out"
    from_none = hours("02:30", "04:00")
    assert from_none.cover(at("2026-03-29T01:00")), "03:00: the beginning was left out"
    both = hours("02:00", "03:00")
    assert both.cover(at("2026-10-25T00:30"))
    assert both.cover(at("2026-10-25T01:30"))
    assert not both.cover(at("2026-10-25T02:00"))
