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
    "words", ["tea", "in 10 minutes", "in 10 tea", "at noon tea", "on 3 boats", ""]
)
def test_what_names_no_time(words: str) -> None:
    assert due(words) is None


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("at 25:00 tea", "25:00 is no time: hours go from 0 to 23"),
        ("tomorrow at 25:00 tea", "25:00 is no time: hours go from 0 to 23"),
        ("tea tomorrow at 24:00", "24:00 is no time: hours go from 0 to 23"),
        ("at 12:75 tea", "12:75 is no time: hours go from 0 to 23, and minutes from 00 to 59"),
        ("at 12.75 tea", "12:75 is no time"),
        ("at 99 tea", "99 is no time"),
        ("at 15:5 tea", "15:5 is no time"),
        ("tea at 125:00", "125:00 is no time"),
        ("at 0pm tea", "0 pm is no time: am and pm take hours from 1 to 12"),
        ("at 13:30 pm tea", "13:30 pm is no time: am and pm"),
        ("at 3:75pm tea", "3:75 is no time: hours go"),
        ("today at 9 tea", "“today at 9” is over. Choose a time that is still to come."),
        ("tea today at 13:00", "“today at 13:00” is over."),
        ("in 0 minutes tea", "“in 0 minutes” is now. Choose at least one minute."),
        ("tea in 0 weeks", "“in 0 weeks” is now."),
        ("in 9999 weeks tea", "“in 9999 weeks” is too far away: a year is the most."),
        ("on 31 February tea", "/remind reads no dates such as “31 February”."),
        ("tea on the 3rd of March", "such as “3rd of March”."),
        ("on March 3 tea", "such as “March 3”."),
        ("am 31. Februar Tee", "such as “31. Februar”."),
        ("on 2027-02-31 at 15:00 tea", "such as “2027-02-31”."),
        ("tea on 31/02/2027", "such as “31/02/2027”."),
    ],
)
def test_a_time_that_cannot_be_is_refused_by_its_name(words: str, why: str) -> None:
    with pytest.raises(reminder_times.NoTime) as refused:
        due(words)
    assert why in str(refused.value)


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
