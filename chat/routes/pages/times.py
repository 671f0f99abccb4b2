"""Format times and days as the reader's browser does, so that nothing changes when a script runs.

A script keeps the browser's time zone in a cookie; the language is the browser's first one.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import g

from chat.routes import cookies, languages
from chat.utils.days import zone_of
from chat.utils.local_times import Part, Reader, locale_of


def reader() -> Reader:
    """Return the reader of this request."""
    if "reader" not in g:
        zone = zone_of(cookies.value_of(cookies.ZONE)) or UTC
        locale = locale_of(languages.locale())
        hours = g.person.preferences.time_format if "person" in g else "locale"
        g.reader = Reader(zone, locale, datetime.now(zone).date(), hours)
    found: Reader = g.reader
    return found


def locale_name() -> str:
    """Return the reader's locale, like `de-AT`, for scripts."""
    return str(reader().locale).replace("_", "-")


def clock_in(zone_name: str) -> str:
    """Return what time it is in a zone, `3:20 PM` as the reader writes it."""
    found = reader()
    return found.clock(datetime.now(zone_of(zone_name) or found.zone))


def day(text: str) -> str:
    return reader().day_of(text)


def day_ending(text: str) -> str | None:
    """Return which day ends at a moment, "today" or as `day` names it; None at no midnight."""
    found = reader()
    moment = found.local(text)
    if (moment.hour, moment.minute, moment.second) != (0, 0, 0):
        return None
    before = moment - timedelta(minutes=1)
    return "today" if before.date() == found.today else found.day_of(before.isoformat())


def weekday(day: date) -> str:
    """Return `Thu`."""
    return format_date(day, "EEE", locale=reader().locale)


def number(count: int) -> str:
    """Return `12,345` as the reader's language writes it."""
    return format_decimal(count, locale=reader().locale)


def time_parts(text: str) -> list[Part]:
    return reader().parts_of(text)


def weekdays() -> list[tuple[int, str]]:
    """Return the days of the week, Monday is 0, with short names, in the reader's order."""
    locale = reader().locale
    names = locale.days["stand-alone"]["abbreviated"]
    first = locale.first_week_day
    return [(day % 7, names[day % 7]) for day in range(first, first + 7)]


def is_same_day(one: str, other: str) -> bool:
    """Return whether two moments are on one day of the reader."""
    return reader().local(one).date() == reader().local(other).date()
