"""A chat of each earlier version is restored by this program, and its people read all they had.

tests/fixtures has the data of these versions.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from chat import VERSION
from chat.models.migrations import SCHEMA_VERSION
from tests.backups.days import bin_chat, where
from tests.fixtures import harbour, make, make_first
from tests.helpers.migrating import killed_in
from tests.helpers.servers import ROOT, Server, free_port
from tests.helpers.somebody import Somebody

BACKUPS = sorted(make.HERE.glob("*.backup"))
LEAST_KILLS = 5  # of some 13 steps
MOST_BYTES = 100_000  # of a fixture, which stays in the repository for ever


def told(backup: Path) -> Any:
    """Return what the people of a fixture read in their version."""
    return json.loads(backup.with_suffix(".json").read_text())


@pytest.mark.parametrize("backup", BACKUPS, ids=[each.stem for each in BACKUPS])
def test_people_of_an_earlier_version_read_all_they_had_and_go_on(
    backup: Path, tmp_path: Path
) -> None:
    there = where(tmp_path / "data")
    checked = bin_chat({}, "backup", "--verify", *make.SEALED, str(backup))
    assert (checked["version"], checked["problems"]) == (backup.stem, [])
    assert bin_chat(there, "restore", *make.SEALED, str(backup))["skipped"] == []
    assert bin_chat(there, "verify")["problems"] == []
    with Server(free_port(), there, tmp_path / "log") as chat:
        before = told(backup)
        found = harbour.read(chat.url, before["token"])
        assert {name: found[name] for name in before["read"]} == before["read"]
        doctor = bin_chat(there, "doctor")
        assert (doctor["problems"], doctor["database"]["schema_version"]) == ([], SCHEMA_VERSION)
        bob = Somebody(chat.url, "bob").sign_in()
        (quiet,) = [each for each in harbour.rooms_of(bob) if each["name"] == "Quiet Bay"]
        bob.say(quiet["id"], "after the upgrade: heliotrope")
        assert bob.finds("heliotrope") == 1
        assert chat.errors() == []
    assert bin_chat(there, "verify")["problems"] == []


def test_each_version_has_its_data_in_the_repository() -> None:
    released = [
        line.removeprefix("## ").partition(",")[0]
        for line in (ROOT / "CHANGELOG.md").read_text().splitlines()
        if line.startswith("## ")
    ]
    assert released[0] == VERSION
    kept = {each.stem for each in BACKUPS}
    assert set(released) - kept == {"0.1.0"}, "0.1.0 had no backups: make_first.py"
    assert all(each.stat().st_size < MOST_BYTES for each in (*BACKUPS, make_first.FIRST))


def test_the_data_of_this_version_can_be_made_again(tmp_path: Path) -> None:
    made = make.make(tmp_path, VERSION)
    assert without_digests(made) == without_digests(make.HERE / made.name), "make it anew"


def without_digests(backup: Path) -> Any:
    """Return what people read, without the bytes of pictures, which another Pillow writes."""
    return json.loads(re.sub(r'"[0-9a-f]{64}"', '""', json.dumps(told(backup)["read"])))


@pytest.mark.timeout(600)  # a dozen starts of a chat, on a machine that may be busy
def test_a_chat_of_the_first_version_killed_again_and_again_in_its_upgrade_has_lost_nothing(
    tmp_path: Path,
) -> None:
    make_first.load(tmp_path / "data")
    there = where(tmp_path / "data")
    killed = []
    # The step in which it was killed is done again, so the next one is killed then; the one after,
    # where it had just ended.
    while step := killed_in(there, number=min(1, len(killed))):
        killed.append(step)
    assert len(killed) >= LEAST_KILLS
    with Server(free_port(), there, tmp_path / "log") as chat:
        told_then = json.loads((make.HERE / "0.1.0.json").read_text())
        alice = Somebody(chat.url, "alice1").sign_in()
        assert make_first.read(alice) == told_then
        assert alice.finds("gull") == make_first.ROOMS * make_first.SAID
        assert bin_chat(there, "doctor")["problems"] == []
    assert bin_chat(there, "verify")["problems"] == []
