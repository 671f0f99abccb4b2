"""List the time zones that people choose from, by continent, with their offsets of today."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import available_timezones

from chat.utils.days import zone_of
from chat.utils.sentences import N_

# Zones are called after a place in one of these. Other names are offsets, or older names.
AREAS = {
    "Africa": N_("Africa"),
    "America": N_("America"),
    "Antarctica": N_("Antarctica"),
    "Arctic": N_("Arctic"),
    "Asia": N_("Asia"),
    "Atlantic": N_("Atlantic Ocean"),
    "Australia": N_("Australia"),
    "Europe": N_("Europe"),
    "Indian": N_("Indian Ocean"),
    "Pacific": N_("Pacific Ocean"),
}


class TimeZone(NamedTuple):
    """A zone: `name` as IANA calls it, `place` for people, `offset` as `UTC+5:30`."""

    name: str
    place: str
    offset: str


@lru_cache(maxsize=1)
def by_area(day: date) -> dict[str, list[TimeZone]]:
    """Return the zones of each area by place, with their offsets at noon (UTC) of a day."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    found: dict[str, list[TimeZone]] = {area: [] for area in AREAS}
    for name, zone in _zones().items():
        found[name.partition("/")[0]].append(TimeZone(name, _place(name), _offset(zone, noon)))
    return {area: sorted(zones, key=lambda zone: zone.place) for area, zones in found.items()}


def find(name: str) -> TimeZone | None:
    """Return a zone with its offset of now; None if there is no such zone."""
    zone = zone_of(name)
    if zone is None:
        return None
    return TimeZone(name, _place(name), _offset(zone, datetime.now(UTC)))


def _place(name: str) -> str:
    """Return `Buenos Aires` for `America/Argentina/Buenos_Aires`, which is too long for phones."""
    return name.rpartition("/")[2].replace("_", " ")


@cache
def _zones() -> dict[str, tzinfo]:
    """Return the zones of the areas. Reading some hundred files takes a moment, once."""
    names = [name for name in sorted(available_timezones()) if name.partition("/")[0] in AREAS]
    return {name: zone for name in names if "/" in name and (zone := zone_of(name))}


def _offset(zone: tzinfo, moment: datetime) -> str:
    away = moment.astimezone(zone).utcoffset() or timedelta()
    minutes = round(abs(away).total_seconds() / 60)
    if not minutes:
        return "UTC"
    rest = f":{minutes % 60:02}" if minutes % 60 else ""
    return f"UTC{'-' if away < timedelta() else '+'}{minutes // 60}{rest}"
