"""`kill -9` during an import leaves nothing that is doubled or missing: a repeat ends it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from chat.server.embedded_database import EmbeddedDatabase
from tests.backups.days import bin_chat, where
from tests.helpers.servers import ROOT, Server, clean_environment, new_chat
from tests.helpers.slack_export import ALICE, BOB, SlackZip, picture

MESSAGES = 1_500  # in each of two rooms
KILLED_AT = (1, 600, 1_200, 2_100)  # when so many entries are in the log


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a chat with an embedded database of its own, beside which the commands work."""
    with new_chat(tmp_path_factory.mktemp("chat")) as running:
        yield running


def export(path: Path) -> Path:
    slack = SlackZip("T00KILLED")
    for room in ("quay", "mole"):
        slack.channel(f"C{room}", room, ALICE, BOB)
        slack.files[f"__uploads/F{room}/a.png"] = picture()
        for number in range(MESSAGES):
            more: dict[str, Any] = {}
            if number % 3 == 0:
                more["reactions"] = [{"name": "tada", "users": [ALICE, BOB]}]
            if number == 500:
                file = {"id": f"F{room}", "name": "a.png", "mimetype": "image/png"}
                more["files"] = [file]
            slack.say(room, number, BOB, f"<@{ALICE}>: number {number}", **more)
    return slack.write(path)


def test_a_repeat_ends_an_import_that_was_killed(chat: Server, tmp_path: Path) -> None:
    file = export(tmp_path / "slack.zip")
    with MongoClient[dict[str, Any]](EmbeddedDatabase(chat.data).attach_or_start().uri) as client:
        log = client.get_default_database()["log"]
        for entries in KILLED_AT:
            killed(where(chat.data), str(file), lambda least=entries: is_as_long(log, least))
        told = bin_chat(where(chat.data), "import", "slack", str(file))
        assert told["made"]["rooms"] + told["there"].get("rooms", 0) == 2
        records = list(log.find({}))
        posted = [each for each in records if each["event"] == "message:posted"]
        assert len(posted) == 2 * MESSAGES
        assert len(records) == 2 * (MESSAGES + 2 * MESSAGES // 3)
        assert client.get_default_database()["mentions"].count_documents({}) == len(posted)
        assert client.get_default_database()["images"].count_documents({}) == 2
    assert bin_chat(where(chat.data), "verify")["problems"] == []
    assert bin_chat(where(chat.data), "import", "slack", str(file))["made"] == {}


def is_as_long(log: Any, least: int) -> bool:
    return bool(log.estimated_document_count() >= least)


def killed(environment: dict[str, str], file: str, when: Any) -> None:
    """Run an import, and kill it with -9 as soon as `when` holds."""
    process = subprocess.Popen(
        [str(ROOT / "bin/chat"), "import", "slack", file],
        env=clean_environment(**environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and not when():
        time.sleep(0.005)
    process.kill()
    assert process.wait() == -9, "it had ended before"
