"""Days as people write them, and when they begin and end on a reader's clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from chat.utils.days import days_of, zone_of

TODAY = date(2026, 11, 29)  # a Sunday


@pytest.mark.parametrize(
    ("text", "first", "count"),
    [
        ("2026-01-31", date(2026, 1, 31), 1),
        ("2026/1/31", date(2026, 1, 31), 1),
        ("2026.01.31", date(2026, 1, 31), 1),
        ("20260131", date(2026, 1, 31), 1),
        ("31.1.2026", date(2026, 1, 31), 1),
        ("31-01-2026", date(2026, 1, 31), 1),
        ("31/1/2026", date(2026, 1, 31), 1),
        ("1/31/2026", date(2026, 1, 31), 1),
        ("5/5/2026", date(2026, 5, 5), 1),
        ("2026年1月31日", date(2026, 1, 31), 1),
        ("2026년 1월 31일", date(2026, 1, 31), 1),
        ("٢٠٢٦-٠١-٣١", date(2026, 1, 31), 1),
        ("２０２６－０１－３１", date(2026, 1, 31), 1),
        ("2026–01–31", date(2026, 1, 31), 1),
        ("31 Jan 2026", date(2026, 1, 31), 1),
        ("January 31st, 2026", date(2026, 1, 31), 1),
        ("jan 31", date(2026, 1, 31), 1),
        ("31 december", date(2025, 12, 31), 1),
        ("2026-02", date(2026, 2, 1), 28),
        ("2028/02", date(2028, 2, 1), 29),
        ("2026", date(2026, 1, 1), 365),
        ("november", date(2026, 11, 1), 30),
        ("December", date(2025, 12, 1), 31),
        ("feb 2024", date(2024, 2, 1), 29),
        ("today", TODAY, 1),
        ("Yesterday", date(2026, 11, 28), 1),
        ("sunday", TODAY, 1),
        ("Mon", date(2026, 11, 23), 1),
        ("31 feb 2026", None, 0),
        ("2026-13", None, 0),
        ("1/2/2026", None, 0),
        ("tomorrow", None, 0),
        ("lunch", None, 0),
        ("0000-01-01", None, 0),
        ("9999-12-31", None, 0),
        ("", None, 0),
        ("3 january 5", None, 0),
        ("99 jan", None, 0),
        ("20261301", None, 0),
    ],
)
def test_a_day_is_understood_as_it_is_written(text: str, first: date | None, count: int) -> None:
    days = days_of(text, TODAY)
    assert (days and days.first) == first
    if days:
        assert days.after - days.first == timedelta(days=count)


@pytest.mark.parametrize(
    ("zone", "day", "begin", "hours"),
    [
        ("UTC", "2026-11-28", datetime(2026, 11, 28, tzinfo=UTC), 24),
        ("", "2026-11-28", datetime(2026, 11, 28, tzinfo=UTC), 24),
        ("Asia/Tokyo", "2026-11-28", datetime(2026, 11, 27, 15, tzinfo=UTC), 24),
        ("+05:45", "2026-11-28", datetime(2026, 11, 27, 18, 15, tzinfo=UTC), 24),
        ("America/New_York", "2026-11-28", datetime(2026, 11, 28, 5, tzinfo=UTC), 24),
        ("UTC-3", "2026-11-28", datetime(2026, 11, 28, 3, tzinfo=UTC), 24),
        (" 05:45", "2026-11-28", datetime(2026, 11, 27, 18, 15, tzinfo=UTC), 24),
        ("UTC 02:00", "2026-11-28", datetime(2026, 11, 27, 22, tzinfo=UTC), 24),
        ("Etc/GMT 2", "2026-11-28", datetime(2026, 11, 28, 2, tzinfo=UTC), 24),
        ("Europe/Berlin", "2026-03-29", datetime(2026, 3, 28, 23, tzinfo=UTC), 23),
        ("Europe/Berlin", "2026-10-25", datetime(2026, 10, 24, 22, tzinfo=UTC), 25),
        (
            "Africa/Cairo",
            "2024-04-26",
            datetime(2024, 4, 25, 22, tzinfo=UTC),
            23,
        ),  # there was no midnight: the clocks went from 0 to 1
        ("Pacific/Kiritimati", "2026-11-28", datetime(2026, 11, 27, 10, tzinfo=UTC), 24),
        ("Asia/Tokyo", "0001-01-01", datetime(1, 1, 1, tzinfo=UTC), None),
        ("-12:00", "9999-12-30", datetime(9999, 12, 30, 12, tzinfo=UTC), None),
    ],
)
def test_a_day_begins_at_the_readers_midnight_and_is_as_long_as_theirs(
    zone: str, day: str, begin: datetime, hours: int | None
) -> None:
    where, days = zone_of(zone), days_of(day, TODAY)
    assert where
    assert days
    assert days.begin(where) == begin
    if hours:
        assert days.end(where) - days.begin(where) == timedelta(hours=hours)


@pytest.mark.parametrize(
    "text",
    [
        "America",
        "Atlantis/Poseidonis",
        "../../etc/passwd",
        "/etc/localtime",
        "+24:00",
        "+99",
        "Europe/",
        "Europe//Berlin",
        "x" * 65,
        "Европа/Москва",
        "a\0b",
        "tzdata.zi",
        "zone.tab",
    ],
)
def test_what_is_no_zone_is_none(text: str) -> None:
    assert zone_of(text) is None
