"""The Python client installs as its README says, and brings its types."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generators.fetched import LONGEST, python_with, run
from tests.helpers.servers import ROOT

pytestmark = [pytest.mark.generators, pytest.mark.timeout(2 * LONGEST)]

PROGRAM = """
from real_time_chat import Chat, Entry, FileMemory

def first() -> Entry:
    return next(Chat("https://chat.example.org", "rtc_…").follow(FileMemory("bot.json")))
"""


def test_the_python_client_installs_with_its_types(tmp_path: Path) -> None:
    programs = python_with(tmp_path, str(ROOT / "clients/python"), "mypy==2.4.1")
    (tmp_path / "bot.py").write_text(PROGRAM)
    run(programs / "mypy", "--strict", "bot.py", folder=tmp_path)
    run(programs / "python", "-c", "import bot", folder=tmp_path)
