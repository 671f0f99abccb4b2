"""When somebody wants to be reminded, as they write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chat.utils import reminder_times

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)  # 13:00 there; the night after, clocks go forward


def due(words: str) -> str | None:
    asked = reminder_times.read(words, NOW, BERLIN)
    return asked and f"{asked.due_at:%d %H:%M} {asked.text}"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("in 10 minutes check the oven", "28 12:10 check the oven"),
        ("check the oven in 10 minutes", "28 12:10 check the oven"),
        ("to check the oven in an hour", "28 13:00 check the oven"),
        ("in 2h: to bring it to Bob", "28 14:00 bring it to Bob"),
        ("bring the menu to Bob in 2h", "28 14:00 bring the menu to Bob"),
        ("in 2h: tea", "28 14:00 tea"),
        ("in 3 days to call Bob", "31 12:00 call Bob"),
        ("at 15:00 tea", "28 14:00 tea"),
        ("at 3pm tea", "28 14:00 tea"),
        ("at 9 tea", "29 07:00 tea"),  # it is over for today; in the morning clocks have moved
        ("tomorrow tea", "29 07:00 tea"),
        ("tomorrow at 12am tea", "28 23:00 tea"),
        ("in 10 Minuten Tee", "28 12:10 Tee"),
        ("morgen um 15 Uhr Tee", "29 13:00 Tee"),
        ("at 15:00 meet at 16:00", "28 14:00 meet at 16:00"),
    ],
)
def test_what_people_write(words: str, expected: str) -> None:
    assert due(words) == expected


@pytest.mark.parametrize(
    "words",
    [
        "tea",
        "in 10 minutes",
        "at 25:00 tea",
        "today at 9 tea",
        "in 0 minutes tea",
        "at 0pm tea",
        "in 9999 weeks tea",
        "in 10 tea",
        "",
    ],
)
def test_what_nobody_can_be_reminded_of(words: str) -> None:
    assert due(words) is None


def test_a_long_text_is_searched_at_its_end_only() -> None:
    """Searching all of it for a time takes seconds where it is made of spaces."""
    for filling in (" ", "at ", "in 1", "to "):
        long = "x" + filling * 100_000
        assert due(f"{long} y") is None
        asked = reminder_times.read(f"{long} y in 2h", NOW, BERLIN)
        assert asked and asked.text == f"{long} y"
    assert due("tea tomorrow" + " " * reminder_times.LONGEST_LAST + "at 15:00") == (
        "28 14:00 tea tomorrow"
    )


def test_hours_are_counted_over_a_change_of_clocks() -> None:
    asked = reminder_times.read("in 24 hours tea", NOW, BERLIN)
    assert asked and asked.due_at - NOW == timedelta(hours=24)
