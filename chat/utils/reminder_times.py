"""Read when somebody wants to be reminded: `in 10 minutes`, `at 15:00`, `tomorrow at 9am`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import NamedTuple

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
    rf"(?:in\s+(?P<count>\d{{1,4}}|{'|'.join(ONE)})\s*(?:{_UNIT})"
    rf"|(?:(?P<day>{'|'.join(TODAY + TOMORROW)})\s+)?(?:at|um)\s+(?P<hour>\d{{1,2}})"
    r"(?:[:.](?P<minute>\d\d))?(?:\s*(?P<half>am|pm|uhr))?"
    rf"|(?P<morning>{'|'.join(TOMORROW)}))"
)
_FIRST = re.compile(rf"{_WHEN}(?:,|:)?(?:\s+(?P<text>\S.*))", re.IGNORECASE | re.DOTALL)
_LAST = re.compile(rf"(?<=\s){_WHEN}\Z", re.IGNORECASE)
LONGEST_LAST = 60  # signs; a longer end of the words is no time, and searching all of them is slow
_TO = re.compile(r"(?:to|an)\s+(?=\S)", re.IGNORECASE)


class Asked(NamedTuple):
    """When somebody is to be reminded, and of what."""

    due_at: datetime
    text: str


def read(words: str, moment: datetime, zone: tzinfo) -> Asked | None:
    """Return what is asked for; None where no time begins or ends the words, or one long past.

    `moment`: now. `zone`: by whose clock `at 15:00` is meant.
    """
    found, text = _split(words)
    if found is None or not text:
        return None
    try:
        due_at = _after(found, moment) if found["count"] else _at(found, moment.astimezone(zone))
    except (ValueError, OverflowError):  # 25:00
        return None
    if not moment < due_at <= moment + LATEST:
        return None
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


def _after(found: re.Match[str], moment: datetime) -> datetime:
    count = 1 if found["count"].lower() in ONE else int(found["count"])
    (unit,) = (name for name in UNITS if found[name])
    return moment + timedelta(**{unit: count})


def _at(found: re.Match[str], local: datetime) -> datetime:
    """Return the next moment at which clocks show this. Raises ValueError."""
    if found["morning"]:
        return _on(local, 1, MORNING)
    hour = int(found["hour"])
    half = (found["half"] or "").lower()
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + 12 * (half == "pm")
    shown = time(hour, int(found["minute"] or 0))
    day = (found["day"] or "").lower()
    if day in TOMORROW:
        return _on(local, 1, shown)
    today = _on(local, 0, shown)
    return today if today > local or day else _on(local, 1, shown)


def _on(local: datetime, days: int, shown: time) -> datetime:
    return datetime.combine(local.date() + timedelta(days=days), shown, local.tzinfo)
