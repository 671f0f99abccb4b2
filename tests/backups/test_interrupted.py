"""`kill -9` during a backup or a restore leaves nothing unreadable; a repeat ends it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from pymongo import MongoClient

from chat.server.embedded_database import EmbeddedDatabase
from tests.backups.days import Day, bin_chat, holds, killed, where
from tests.helpers.servers import (
    ROOT,
    Server,
    clean_environment,
    free_port,
    run_to_its_end,
)

DELAYS = (0.0, 0.03)  # seconds, from when the file of a backup is there to its end
PARTS = (1, 10)  # so many are stored when a restore is ended


def test_a_killed_backup_leaves_no_file_and_a_repeat_makes_it(
    chat: Server, day: Day, tmp_path: Path
) -> None:
    file, begun = tmp_path / "chat.backup", tmp_path / "chat.backup.part"
    for delay in DELAYS:
        begun.unlink(missing_ok=True)

        def is_in_its_middle(seconds: float = delay) -> bool:
            if begun.exists():
                time.sleep(seconds)
            return begun.exists()

        killed(where(chat.data), "backup", str(file), when=is_in_its_middle)
        assert not file.exists()
    bin_chat(where(chat.data), "backup", str(file))
    assert bin_chat({}, "backup", "--verify", str(file))["problems"] == []
    assert not begun.exists()


def refuses_to_start(environment: dict[str, str]) -> None:
    refused = run_to_its_end(PORT=str(free_port()), **environment)
    assert refused.returncode == 1
    assert "only partly restored" in refused.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_backup_removes_its_file(
    chat: Server, day: Day, tmp_path: Path, number: signal.Signals
) -> None:
    file, begun = tmp_path / "chat.backup", tmp_path / "chat.backup.part"
    process = subprocess.Popen(
        [str(ROOT / "bin/chat"), "backup", str(file)],
        env=clean_environment(**where(chat.data)),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    while process.poll() is None and not begun.exists():
        pass
    process.send_signal(number)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"Aborted!" in told
    assert not list(tmp_path.iterdir())


@pytest.fixture
def target(chat: Server, daemon: EmbeddedDatabase, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Return the configuration of an empty chat with the secrets of the other one."""
    secrets_dir = tmp_path / "data-secrets"
    shutil.copytree(chat.data.parent / "data-secrets", secrets_dir)
    uri = daemon.uri.replace("/chat?", f"/restored_{token_hex(4)}?")
    keys = json.loads((secrets_dir / "secrets.json").read_text())
    yield where(tmp_path / "data") | keys | {"MONGO_URI": uri}
    with MongoClient[dict[str, Any]](uri) as client:
        client.drop_database(client.get_default_database())


def test_a_killed_restore_goes_on_where_it_was_and_no_chat_starts_before(
    chat: Server, day: Day, taken: Path, target: dict[str, str], tmp_path: Path
) -> None:
    other = tmp_path / "other.backup"
    bin_chat(where(chat.data), "backup", str(other))
    with MongoClient[dict[str, Any]](target["MONGO_URI"]) as client:
        meta = client.get_default_database()["meta"]
        for parts in PARTS:

            def is_in_its_middle(least: int = parts) -> bool:
                mark = meta.find_one({"_id": "restore"})
                return bool(mark and mark["parts"] >= least)

            killed(target, "restore", str(taken), when=is_in_its_middle)
            refuses_to_start(target)
        mark = meta.find_one({"_id": "restore"})
        assert mark
    mixed = bin_chat(target, "restore", str(other), fails=True)
    assert "The restore of another backup was interrupted here" in mixed["problems"][0]

    assert bin_chat(target, "restore", str(taken))["skipped"] == []
    with MongoClient[dict[str, Any]](target["MONGO_URI"]) as client:
        # As if it had been killed at its last step, when everything was stored.
        client.get_default_database()["meta"].insert_one(mark | {"parts": 999, "is_loaded": True})
    refuses_to_start(target)
    assert bin_chat(target, "restore", str(taken))["records"] == 0
    assert bin_chat(target, "verify")["problems"] == []
    with Server(free_port(), target, tmp_path / "log") as restored:
        holds(day, restored)
