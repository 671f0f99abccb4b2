"""An export that is killed, stopped, or taken while people write."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from tests.backups.days import bin_chat, killed, where
from tests.exports.mornings import Morning
from tests.helpers.servers import ROOT, Server, clean_environment

ENDINGS = (".json", ".html", ".zip")


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_killed_export_leaves_no_file_and_a_repeat_makes_it(
    chat: Server, morning: Morning, file: Path, ending: str
) -> None:
    path, begun = file.with_suffix(ending), Path(f"{file}{ending}.part")
    killed(where(chat.data), "export", "--all", str(path), when=begun.exists)
    assert not path.exists()
    assert bin_chat(where(chat.data), "export", "--all", str(path))["rooms"] == 3
    assert list(file.parent.iterdir()) == [path]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_export_removes_its_file(
    chat: Server, morning: Morning, file: Path, number: signal.Signals
) -> None:
    path, begun = file.with_suffix(".zip"), file.with_suffix(".zip.part")
    process = subprocess.Popen(
        [str(ROOT / "bin/chat"), "export", "--all", str(path)],
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
    assert not list(file.parent.iterdir())


def test_an_export_follows_no_link_and_replaces_a_whole_file(
    chat: Server, morning: Morning, file: Path
) -> None:
    path, victim = file.with_suffix(".json"), file.with_suffix(".victim")
    victim.write_text("carol's")
    path.symlink_to(victim)
    bin_chat(where(chat.data), "export", "--room", morning.private, str(path))
    assert (victim.read_text(), path.is_symlink()) == ("carol's", False)
    path.with_suffix(".json.part").symlink_to(victim)
    arguments = ("export", "--room", morning.private, str(path))
    refused = bin_chat(where(chat.data), *arguments, fails=True)
    assert "cannot be read or written" in refused["problems"][0]
    assert victim.read_text() == "carol's"


def test_an_export_while_people_write_has_all_that_was_said_before_and_no_gap(
    chat: Server, morning: Morning, file: Path
) -> None:
    room_id = morning.alice.post("/rooms", json={"name": "Quay", "kind": "public"})["id"]
    said = [morning.alice.say(room_id, str(number))["seq"] for number in range(150)]
    ends = threading.Event()

    def write_on() -> None:
        while not ends.is_set():
            number = len(said)
            message = morning.alice.say(room_id, str(number))
            said.append(message["seq"])
            morning.alice.ask("PUT", f"/messages/{message['id']}/reactions/👍")

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        path = file.with_suffix(".json")
        acknowledged = len(said)
        bin_chat(where(chat.data), "export", "--room", room_id, str(path))
    finally:
        ends.set()
        writer.join()
    [room] = json.loads(path.read_text())["rooms"]
    bodies = [int(message["body"]) for message in room["messages"]]
    assert acknowledged <= len(bodies) < len(said)
    assert bodies == list(range(len(bodies)))
    assert room["messages"][-1]["seq"] <= room["head_seq"]
