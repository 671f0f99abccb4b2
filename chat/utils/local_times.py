"""Write times and days as somebody reads them: in their zone, their language and by their clock.

`models/calendar.js` formats the same times in the browser, where they change at midnight.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.dates import DateTimePattern, match_skeleton, parse_pattern

from chat.utils.translation import ENGLISH, _

# Skeletons of the Unicode locale data: parts of a date; each language puts them in its own order.
DAY_AND_MONTH = "MMMd"
DAY_MONTH_AND_YEAR = "yMMMd"
WEEKDAY_AND_DAY = "MMMMEEEEd"
WHOLE_DAY = "yMMMMd"

# Of the clocks that a person may prefer, whatever is usual in their language.
CLOCKS = {"12": "hm", "24": "Hm"}

USUAL_LOCALE = "en-US"
_HOUR = re.compile(r"H+")
_WEEKDAY = re.compile(r"\bE+\b")


class Part(NamedTuple):
    """A part of a formatted time: its day, which a line above may show already, or the rest."""

    text: str
    is_day: bool


class Reader(NamedTuple):
    """Who reads times."""

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
        time = Part(self.clock(moment), False)
        if moment.date() == self.today:
            return [time]
        is_this_year = moment.year == self.today.year
        day = self._format(moment, DAY_AND_MONTH if is_this_year else DAY_MONTH_AND_YEAR)
        before, glue, after = re.split(r"\{[01]\}", self.locale.datetime_formats["medium"])
        if self.locale.datetime_formats["medium"].index("{1}") > len(before):
            return [time, Part(glue + day + after, True)]
        return [Part(before + day + glue, True), time]

    def moment(self, text: str) -> str:
        """Return `parts_of` as one text."""
        return "".join(part.text for part in self.parts_of(text))

    def clock(self, moment: datetime) -> str:
        """Return `3:20 PM`, in the zone of `moment`."""
        return _clock(self.locale, self.hours).apply(moment, self.locale)

    def _format(self, moment: datetime, skeleton: str) -> str:
        return _pattern(self.locale, skeleton).apply(moment, self.locale)


def usual_locale(language: str) -> str:
    """Return the locale of a language, where nothing says in which country it is read."""
    return USUAL_LOCALE if language == ENGLISH else language


@lru_cache(maxsize=100)
def locale_of(name: str) -> Locale:
    """Return the nearest locale of which we know the formats, of a name like `de-AT`."""
    for each in (name, name.partition("-")[0]):
        try:
            return Locale.parse(each, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
    return Locale.parse(USUAL_LOCALE, sep="-")


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
