"""People choose their time zone from a list, with what its clocks show today."""

from __future__ import annotations

from datetime import date

import pytest

from chat.utils import time_zones


@pytest.mark.parametrize(
    ("name", "winter", "summer"),
    [
        ("Europe/Berlin", "UTC+1", "UTC+2"),
        ("Europe/London", "UTC", "UTC+1"),
        ("America/New_York", "UTC-5", "UTC-4"),
        ("America/St_Johns", "UTC-3:30", "UTC-2:30"),
        ("America/Argentina/Buenos_Aires", "UTC-3", "UTC-3"),
        ("Asia/Kolkata", "UTC+5:30", "UTC+5:30"),
    ],
)
def test_a_zone_is_found_by_its_place_with_the_offset_of_the_day(
    name: str, winter: str, summer: str
) -> None:
    for day, offset in ((date(2026, 1, 15), winter), (date(2026, 7, 15), summer)):
        zones = time_zones.by_area(day)[name.partition("/")[0]]
        (zone,) = (each for each in zones if each.name == name)
        assert (zone.place, zone.offset) == (name.rpartition("/")[2].replace("_", " "), offset)


def test_a_zone_that_is_no_place_is_known_and_what_is_none_is_not() -> None:
    zone = time_zones.find("+05:30")
    assert zone
    assert (zone.name, zone.offset) == ("+05:30", "UTC+5:30")
    assert time_zones.find("Mars") is None
