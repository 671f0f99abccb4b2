"""Format times and days as the reader's browser does, so that nothing changes when a script runs.

A script keeps the browser's time zone in a cookie; the language is the browser's first one.
`models/calendar.js` formats the same times in the browser, where they change at midnight.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.dates import DateTimePattern, format_date, match_skeleton, parse_pattern
from babel.numbers import format_decimal
from flask import g, request

from chat.models.preferences import AS_BROWSER
from chat.routes import cookies
from chat.utils import translation
from chat.utils.days import zone_of
from chat.utils.translation import ENGLISH, _

# Skeletons of the Unicode locale data: parts of a date; each language puts them in its own order.
DAY_AND_MONTH = "MMMd"
DAY_MONTH_AND_YEAR = "yMMMd"
WEEKDAY_AND_DAY = "MMMMEEEEd"
WHOLE_DAY = "yMMMMd"

# Of the clocks that a person may prefer, whatever is usual in their language.
CLOCKS = {"12": "hm", "24": "Hm"}

USUAL_LANGUAGE = "en-US"
_HOUR = re.compile(r"H+")
_WEEKDAY = re.compile(r"\bE+\b")


class Part(NamedTuple):
    """A part of a formatted time: its day, which a line above may show already, or the rest."""

    text: str
    is_day: bool


class Reader(NamedTuple):
    """Whose times a page shows."""

    zone: tzinfo
    locale: Locale
    today: date
    hours: str = "locale"  # one of TIME_FORMATS

    def local(self, text: str) -> datetime:
        return datetime.fromisoformat(text).astimezone(self.zone)

    def day_of(self, text: str) -> str:
        """Return `Today`, `Yesterday`, `Thursday, November 12` or `November 12, 2025`."""
        moment = self.local(text)
        days = {self.today: _("Today"), self.today - timedelta(days=1): _("Yesterday")}
        if moment.date() in days:
            return days[moment.date()]
        is_this_year = moment.year == self.today.year
        return self._format(moment, WEEKDAY_AND_DAY if is_this_year else WHOLE_DAY)

    def parts_of(self, text: str) -> list[Part]:
        """Return `12:33 PM` for today, `Nov 28, 12:33 PM` for this year, else with the year."""
        moment = self.local(text)
        time = Part(_clock(self.locale, self.hours).apply(moment, self.locale), False)
        if moment.date() == self.today:
            return [time]
        is_this_year = moment.year == self.today.year
        day = self._format(moment, DAY_AND_MONTH if is_this_year else DAY_MONTH_AND_YEAR)
        before, glue, after = re.split(r"\{[01]\}", self.locale.datetime_formats["medium"])
        if self.locale.datetime_formats["medium"].index("{1}") > len(before):
            return [time, Part(glue + day + after, True)]
        return [Part(before + day + glue, True), time]

    def _format(self, moment: datetime, skeleton: str) -> str:
        return _pattern(self.locale, skeleton).apply(moment, self.locale)


def reader() -> Reader:
    """Return the reader of this request."""
    if "reader" not in g:
        zone = zone_of(cookies.value_of(cookies.ZONE)) or UTC
        locale = _locale(_wanted())
        hours = g.person.preferences.time_format if "person" in g else "locale"
        g.reader = Reader(zone, locale, datetime.now(zone).date(), hours)
    found: Reader = g.reader
    return found


def locale_name() -> str:
    """Return the reader's locale, like `de-AT`, for scripts."""
    return str(reader().locale).replace("_", "-")


def _wanted() -> str:
    """Return the locale of the page's language that the browser likes best.

    Who prefers no language, and whose own one the chat does not have, reads times in their own.
    """
    language = translation.current()
    prefers_none = "person" not in g or g.person.preferences.language == AS_BROWSER
    for accepted in request.accept_languages.values():
        is_ours = accepted.partition("-")[0] in translation.languages()
        if accepted.partition("-")[0] == language or (prefers_none and not is_ours):
            return accepted
    return USUAL_LANGUAGE if language == ENGLISH else language


def clock_in(zone_name: str) -> str:
    """Return what time it is in a zone, `3:20 PM` as the reader writes it."""
    found = reader()
    moment = datetime.now(zone_of(zone_name) or found.zone)
    return _clock(found.locale, found.hours).apply(moment, found.locale)


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


@lru_cache(maxsize=100)
def _locale(language: str) -> Locale:
    """Return the nearest locale of which we know the formats."""
    for name in (language, language.partition("-")[0]):
        try:
            return Locale.parse(name, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
    return Locale.parse(USUAL_LANGUAGE, sep="-")


@lru_cache(maxsize=200)
def _clock(locale: Locale, hours: str) -> DateTimePattern:
    """Return the pattern of a time: two digits of 24 hours, or 12 hours that begin with 12."""
    if hours not in CLOCKS:
        usual: DateTimePattern = locale.time_formats["short"]
        return usual
    pattern = locale.datetime_skeletons[CLOCKS[hours]].pattern
    return parse_pattern(_HOUR.sub("HH", pattern).replace("K", "h"))


@lru_cache(maxsize=400)
def _pattern(locale: Locale, skeleton: str) -> DateTimePattern:
    known = locale.datetime_skeletons
    nearest = skeleton if skeleton in known else match_skeleton(skeleton, known)
    pattern = known[nearest or DAY_MONTH_AND_YEAR].pattern
    if skeleton == WEEKDAY_AND_DAY:  # the nearest one may shorten the weekday
        pattern = _WEEKDAY.sub("EEEE", pattern)
    return parse_pattern(pattern)
