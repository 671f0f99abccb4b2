"""Times and days are the same from the server and from the page's script."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from chat.models.preferences import TIME_FORMATS
from chat.utils.local_times import Reader
from tests.helpers.node import node
from tests.helpers.servers import ROOT

CALENDAR = ROOT / "chat/static/js/models/calendar.js"
LANGUAGES = ["en-US", "en-GB", "de-DE", "fr-FR", "es-ES", "nl-NL", "ru-RU", "ja-JP"]
ZONE = "America/St_Johns"
NOW = datetime(2026, 11, 10, 12, 5, tzinfo=UTC)
MOMENTS = [
    (NOW - timedelta(days=days, hours=hours)).isoformat()
    for days in (0, 1, 2, 40, 313, 314, 800)
    for hours in (0, 8, 11)
]
SCRIPT = f"""
import {{ Calendar }} from "{CALENDAR}";
const [locale, hours, moments] = JSON.parse(process.argv[1]);
const calendar = new Calendar({{ now: new Date("{NOW.isoformat()}"), locale, hours }});
const looks = moments.map((moment) => {{
  const date = new Date(moment);
  return [calendar.dayOf(date), calendar.timeOf(date).map(({{ text }}) => text).join("")];
}});
console.log(JSON.stringify(looks));
"""


def by_the_script(language: str, hours: str) -> list[list[str]]:
    command = [node(), "--input-type=module", "-e", SCRIPT, json.dumps([language, hours, MOMENTS])]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"TZ": ZONE})
    found: list[list[str]] = json.loads(done.stdout)
    return found


def plain(text: str) -> str:
    return " ".join(text.split())  # the kinds of spaces differ between versions of the locale data


@pytest.mark.parametrize("hours", TIME_FORMATS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_server_and_the_script_write_a_time_alike(language: str, hours: str) -> None:
    zone = ZoneInfo(ZONE)
    reader = Reader(zone, Locale.parse(language, sep="-"), NOW.astimezone(zone).date(), hours)
    ours = [
        [
            plain(reader.day_of(moment)),
            plain(reader.moment(moment)),
        ]
        for moment in MOMENTS
    ]
    assert ours == [[plain(text) for text in look] for look in by_the_script(language, hours)]
