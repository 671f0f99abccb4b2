"""Read when somebody wants to be reminded: `in 10 minutes`, `at 15:00`, `tomorrow at 9am`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from chat.utils.text import quoted
from chat.utils.translation import _

LATEST = timedelta(days=366)
MORNING = time(9)
UNITS = {  # the beginnings of their names, in the languages of the chat
    "minutes": r"m|mins?|minutes?|minuten?",
    "hours": r"h|hours?|hrs?|stunden?",
    "days": r"d|days?|tag|tagen",
    "weeks": r"w|weeks?|wochen?",
}
ONE = ("a", "an", "one", "einer", "einem")
TODAY = ("today", "heute")
TOMORROW = ("tomorrow", "morgen")
_UNIT = "|".join(f"(?P<{name}>{words})" for name, words in UNITS.items())
_WHEN = (
    rf"(?P<when>in\s+(?P<count>\d{{1,4}}|{'|'.join(ONE)})\s*(?:{_UNIT})"
    rf"|(?:(?P<day>{'|'.join(TODAY + TOMORROW)})\s+)?(?:at|um)\s+(?P<hour>\d{{1,2}})"
    r"(?:[:.](?P<minute>\d\d))?(?:\s*(?P<half>am|pm|uhr))?"
    rf"|(?P<morning>{'|'.join(TOMORROW)}))"
)
_FIRST = re.compile(rf"{_WHEN}(?:,|:)?(?:\s+(?P<text>\S.*))", re.IGNORECASE | re.DOTALL)
_LAST = re.compile(rf"(?<=\s){_WHEN}\Z", re.IGNORECASE)
LONGEST_LAST = 60  # signs; a longer end of the words is no time, and searching all of them is slow
_TO = re.compile(r"(?:to|an)\s+(?=\S)", re.IGNORECASE)
# What looks like a time or a date to people, and is none that this reads.
_ODD_TIME = re.compile(
    r"\b(?:at|um)\s+(?P<odd>\d{1,9}[:.]\d{1,9}(?:\s*(?:am|pm|uhr)\b)?)", re.IGNORECASE
)
_MONTH = r"(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[^\W\d]{0,6}\b"
_DATE = re.compile(
    rf"\b(?:on|am)\s+(?:the\s+)?(?P<odd>\d{{1,2}}(?:st|nd|rd|th|\.)?\s+(?:of\s+)?{_MONTH}"
    rf"|{_MONTH}\s+\d{{1,2}}|\d{{4}}-\d\d-\d\d|\d{{1,2}}[./]\d{{1,2}}(?:[./]\d{{2,4}})?)",
    re.IGNORECASE,
)
LONGEST_ODD = 60  # signs at the beginning and at the end in which these are searched


class Asked(NamedTuple):
    """When somebody is to be reminded, and of what."""

    due_at: datetime
    text: str


class NoTime(ValueError):
    """What somebody wrote as a time is none; its text says why, for people."""


def read(words: str, moment: datetime, zone: tzinfo) -> Asked | None:
    """Return what is asked for; None where no time begins or ends the words.

    `moment`: now. `zone`: by whose clock `at 15:00` is meant. Raises NoTime for a time that there
    is not, that is over, or that is too far away.
    """
    found, text = _split(words)
    if found is None or not text:
        _refuse_what_looks_like_a_time(words)
        return None
    due_at = _after(found, moment) if found["count"] else _at(found, moment.astimezone(zone))
    when = quoted(found["when"])
    if found["count"] and due_at == moment:
        raise NoTime(_("“{time}” is now. Choose at least one minute.", time=when))
    if due_at <= moment:
        raise NoTime(_("“{time}” is over. Choose a time that is still to come.", time=when))
    if due_at > moment + LATEST:
        raise NoTime(_("“{time}” is too far away: a year is the most.", time=when))
    return Asked(due_at.astimezone(UTC), text)


def _split(words: str) -> tuple[re.Match[str] | None, str]:
    """Return the time that begins or ends the words, and the rest of them."""
    if found := _FIRST.fullmatch(words):
        text = found["text"]
    else:
        found = _LAST.search(words, max(0, len(words) - LONGEST_LAST))
        text = words[: found.start()] if found else ""
    beginning = _TO.match(text)
    return found, text[beginning.end() if beginning else 0 :].strip()


def _refuse_what_looks_like_a_time(words: str) -> None:
    for part in (words[:LONGEST_ODD], words[-LONGEST_ODD:]):
        if found := _DATE.search(part):
            raise NoTime(
                _(
                    "/remind reads no dates such as “{date}”. Write “in 3 days”, or “tomorrow”.",
                    date=found["odd"],
                )
            )
        if found := _ODD_TIME.search(part):
            raise _no_time(found["odd"])


def _no_time(shown: str) -> NoTime:
    return NoTime(
        _(
            "{time} is no time: hours go from 0 to 23, and minutes from 00 to 59.",
            time=quoted(shown),
        )
    )


def _after(found: re.Match[str], moment: datetime) -> datetime:
    count = 1 if found["count"].lower() in ONE else int(found["count"])
    (unit,) = (name for name in UNITS if found[name])
    return moment + timedelta(**{unit: count})


def _at(found: re.Match[str], local: datetime) -> datetime:
    """Return the next moment at which clocks show this. Raises NoTime."""
    if found["morning"]:
        return _on(local, 1, MORNING)
    shown = _clock(found)
    day = (found["day"] or "").lower()
    if day in TOMORROW:
        return _on(local, 1, shown)
    today = _on(local, 0, shown)
    return today if today > local or day else _on(local, 1, shown)


def _clock(found: re.Match[str]) -> time:
    """Return what clocks show then. Raises NoTime."""
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    half = (found["half"] or "").lower()
    written = found["hour"] + (f":{found['minute']}" if found["minute"] else "")
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            written = f"{written} {half}"
            raise NoTime(_("{time} is no time: am and pm take hours from 1 to 12.", time=written))
        hour = hour % 12 + 12 * (half == "pm")
    if hour > 23 or minute > 59:
        raise _no_time(written)
    return time(hour, minute)


def _on(local: datetime, days: int, shown: time) -> datetime:
    return datetime.combine(local.date() + timedelta(days=days), shown, local.tzinfo)
