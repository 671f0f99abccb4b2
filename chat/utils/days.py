"""Parse days as people write them, and compute their beginning and end in a time zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from chat.utils.folding import fold, fold_signs

LONGEST_ZONE = 64  # characters
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)

_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")
_OFFSET = re.compile(r"(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?")
_YEAR_FIRST = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
_YEAR = re.compile(r"\d{4}")
_NAMED = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)? )?(?P<month>[a-z]{3,9})"
    r"(?: (?P<behind>\d{1,2})(?:st|nd|rd|th)?)?(?: (?P<year>\d{4}))?"
)
_EAST_ASIAN = re.compile(r"(\d{4})[年년] ?(\d{1,2})[月월] ?(\d{1,2})[日일]")


class Days(NamedTuple):
    """A range of days, from `first` to the day before `after`."""

    first: date
    after: date

    def begin(self, zone: tzinfo) -> datetime:
        """Return the first moment of the range in a zone, in UTC."""
        return _midnight(self.first, zone)

    def end(self, zone: tzinfo) -> datetime:
        """Return the first moment after the range in a zone, in UTC."""
        return _midnight(self.after, zone)


def days_of(text: str, today: date) -> Days | None:
    """Return the days that a text names, relative to `today`; None if it names none."""
    words = " ".join(re.sub(r"[,;]+", " ", fold(fold_signs(text))).split())
    try:
        return _relative(words, today) or _absolute(words) or _named(words, today)
    # the 31st of February does not exist; a day may be beyond the calendar
    except (ValueError, OverflowError):
        return None


def zone_of(text: str) -> tzinfo | None:
    """Return the zone that a text names, `Europe/Berlin` or `+02:00`.

    A space counts as a plus, because a query's unescaped plus arrives as a space. Returns None if
    there is no such zone.
    """
    text = text.replace(" ", "+")
    if text in ("", "Z", "UTC"):
        return UTC
    if offset := _OFFSET.fullmatch(text):
        return _offset(offset)
    if len(text) > LONGEST_ZONE or not _ZONE.fullmatch(text):
        return None
    try:
        return ZoneInfo(text)
    except (OSError, ValueError, KeyError):  # the name is a folder of zones, or an unknown zone
        return None


def _offset(found: re.Match[str]) -> tzinfo | None:
    away = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    if away >= timedelta(hours=24):
        return None
    if found["sign"] == "-":
        away = -away
    return timezone(away)


def _relative(words: str, today: date) -> Days | None:
    if words == "today":
        return _one(today)
    if words == "yesterday":
        return _one(today - timedelta(days=1))
    for number, name in enumerate(WEEKDAYS):
        if words in (name, name[:3]):
            return _one(today - timedelta(days=(today.weekday() - number) % 7))
    return None


def _absolute(words: str) -> Days | None:
    if found := _YEAR_FIRST.fullmatch(words):
        return _one(date(int(found[1]), int(found[3]), int(found[4])))
    if found := _EAST_ASIAN.fullmatch(words):
        return _one(date(int(found[1]), int(found[2]), int(found[3])))
    if found := _YEAR_LAST.fullmatch(words):
        return _year_last(int(found[1]), int(found[3]), int(found[4]), found[2])
    if found := _MONTH.fullmatch(words):
        return _month(int(found[1]), int(found[2]))
    if _YEAR.fullmatch(words):
        return Days(date(int(words), 1, 1), date(int(words) + 1, 1, 1))
    return None


def _year_last(first: int, second: int, year: int, between: str) -> Days | None:
    """Return the day of a date like 31.1.2026, which ends with its year.

    With slashes the month may come first; a date that can be read both ways is rejected.
    """
    if between == "/" and first <= 12 and second <= 12 and first != second:
        return None
    if between == "/" and second > 12:
        return _one(date(year, first, second))
    return _one(date(year, second, first))


def _named(words: str, today: date) -> Days | None:
    """Return the days of `november`, `31 jan 2026` or `jan 31`.

    Without a year, returns the latest such days that have begun.
    """
    found = _NAMED.fullmatch(words)
    numbers = [
        number
        for number, name in enumerate(MONTHS, 1)
        if found and found["month"] in (name, name[:3])
    ]
    if found is None or not numbers or (found["day"] and found["behind"]):
        return None
    month = numbers[0]
    day = int(found["day"] or found["behind"] or 0)
    year = int(found["year"] or today.year)
    if not found["year"] and date(year, month, day or 1) > today:
        year -= 1
    if not day:
        return _month(year, month)
    return _one(date(year, month, day))


def _month(year: int, month: int) -> Days:
    return Days(date(year, month, 1), date(year + month // 12, month % 12 + 1, 1))


def _one(day: date) -> Days:
    return Days(day, day + timedelta(days=1))


def _midnight(day: date, zone: tzinfo) -> datetime:
    try:
        return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    except OverflowError:  # in UTC the moment is before the calendar's first, or after its last
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
