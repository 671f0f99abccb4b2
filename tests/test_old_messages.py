"""`kill -9` while old messages are erased loses no other message and brings none of them back."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pymongo import MongoClient

from chat.models.document import Id
from chat.server.embedded_database.daemon import uri_of
from chat.server.embedded_database.data_folder import DataFolder
from chat.utils.clock import now
from tests.backups.days import bin_chat, where
from tests.helpers.servers import ROOT, Server, clean_environment, free_port, new_chat
from tests.helpers.somebody import Somebody

pytestmark = pytest.mark.timeout(400)  # a dozen starts, on a machine that may be busy

OLD = 60  # messages
DAYS = 40  # ago
KILLS = 2
APART = 0.5  # seconds: each kill comes so much later


class Harbour:
    """A chat with old messages, which is stopped."""

    def __init__(self, folder: Path):
        with new_chat(folder) as chat:
            self.data = chat.data
            alice = Somebody(chat.url, "alice").register()
            self.room = alice.post("/rooms", json={"name": "Ferry", "kind": "public"})["id"]
            for number in range(OLD):
                alice.say(self.room, f"heliotrope {number}")
            age(self.data, Id(self.room))
        self.later = where(self.data) | {"RETENTION_DAYS": "30"}


def age(data: Path, room_id: Id) -> None:
    """Let the messages of a room be so old, in the embedded database of a chat that runs."""
    folder = DataFolder(data, None)
    with MongoClient(uri_of(folder, folder.state()["port"])) as client:
        client.get_default_database()["log"].update_many(
            {"room_id": room_id}, {"$set": {"created_at": now() - timedelta(days=DAYS)}}
        )


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harbour]:
    folder = tmp_path_factory.mktemp("harbour")
    yield Harbour(folder)
    shutil.rmtree(folder)


def kill_after(environment: dict[str, str], seconds: float) -> None:
    process = subprocess.Popen(
        [str(ROOT / "bin/chat"), "retention", "--now"],
        env=clean_environment(**environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(seconds)
    process.kill()
    process.wait()


def reads(environment: dict[str, str], room_id: str, log: Path) -> tuple[list[str], list[int]]:
    """Return the bodies of a room's page, and the seqs of its log, as alice gets them."""
    with Server(free_port(), environment, log) as chat:
        alice = Somebody(chat.url, "alice").sign_in()
        page = alice.get(f"/rooms/{room_id}/messages")
        seqs: list[int] = []
        while True:
            part = alice.get(f"/rooms/{room_id}/log", after=len(seqs), limit=200)
            assert not any(entry["message"]["body"] for entry in part["entries"])
            seqs += [entry["seq"] for entry in part["entries"]]
            if not part["has_more"]:
                return [message["body"] for message in page["messages"]], seqs


def test_a_killed_job_goes_on_and_a_backup_of_its_middle_is_restored(
    harbour: Harbour, tmp_path: Path
) -> None:
    began = time.monotonic()
    asked = bin_chat(harbour.later, "retention")
    opening = time.monotonic() - began
    assert asked["rooms"] == [{"room_id": harbour.room, "days": 30, "messages": OLD}]
    for number in range(KILLS):
        kill_after(harbour.later, opening + number * APART)
    file = tmp_path / "chat.backup"
    bin_chat(harbour.later, "backup", str(file))
    bin_chat(harbour.later, "retention", "--now")
    assert bin_chat(harbour.later, "retention")["rooms"] == []
    assert bin_chat(harbour.later, "verify")["problems"] == []
    expected = ([], list(range(1, OLD + 1)))
    assert reads(harbour.later, harbour.room, tmp_path / "log") == expected

    there = harbour.later | {"DATA_DIR": str(tmp_path / "data")}
    shutil.copytree(harbour.data.parent / "data-secrets", tmp_path / "data-secrets")
    bin_chat(there, "restore", str(file))
    assert reads(there, harbour.room, tmp_path / "log of the other") == expected
    bin_chat(there, "retention", "--now")
    assert bin_chat(there, "verify")["problems"] == []
