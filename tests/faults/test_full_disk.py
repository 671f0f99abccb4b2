"""With a full disk the chat acknowledges no message that it cannot store, and it recovers.

It recovers as soon as there is space again.
"""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.faults.chat import Chat
from tests.faults.plan import Plan
from tests.helpers.servers import wait_until

SIZE = 128  # MB


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        disk.rmdir()
        pytest.skip("a disk of its own can be mounted by root only")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)
    disk.rmdir()


def fill_up_to(disk: Path, left: int) -> Path:
    """Fill the disk but for so many bytes."""
    ballast, free = disk / "ballast", os.statvfs(disk)
    with ballast.open("wb") as file:
        for _ in range((free.f_bavail * free.f_frsize - left) // 1_048_576):
            file.write(b"0" * 1_048_576)
    return ballast


def fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1_048_576, 4096, 1):
            try:
                while file.write(b"0" * size):
                    pass
            except OSError:
                continue
    assert os.statvfs(disk).f_bavail == 0
    return ballast


def test_a_full_disk_refuses_and_loses_nothing_and_when_there_is_room_again_all_goes_on(
    small_disk: Path,
) -> None:
    with Chat(small_disk, workers=1) as chat:
        (alice,) = chat.people(Plan(1, clients=1, people=1))
        (room_id,) = alice.room_ids

        def send(number: int) -> int:
            answer = requests.post(
                f"{chat.url}/api/v1/rooms/{room_id}/messages",
                json={"client_id": f"c{number}", "body": "0123456789" * 700},
                headers={"Authorization": f"Bearer {alice.token}"},
                timeout=20,
            )
            return answer.status_code

        assert send(0) == 201
        ballast, answers = fill(small_disk), {}
        for number in range(1, 2000):
            answers[number] = send(number)
            if list(answers.values())[-3:] == [503] * 3:
                break
        assert set(answers.values()) <= {200, 201, 503}
        assert answers[number] == 503, "it was full for the database too"
        assert requests.get(f"{chat.url}/up", timeout=1).ok
        ballast.unlink()
        wait_until(lambda: send(1000) in (200, 201), "all goes on", 60)
        for again in answers:
            assert send(again) in (200, 201), "to send again is safe"
        kept = [entry["message"]["client_id"] for entry in chat.log(alice, room_id)]
        assert sorted(kept) == sorted({"c0", "c1000", *(f"c{number}" for number in answers)})


def test_writes_end_before_the_disk_is_full_and_all_else_goes_on(small_disk: Path) -> None:
    with Chat(small_disk, workers=1, free_disk_bytes=30_000_000) as chat:
        (alice,) = chat.people(Plan(1, clients=1, people=1))
        (room_id,) = alice.room_ids

        def ask(method: str, path: str, body: object = None) -> requests.Response:
            headers = {"Authorization": f"Bearer {alice.token}"}
            return requests.request(
                method, f"{chat.url}/api/v1{path}", json=body, headers=headers, timeout=20
            )

        def send(number: int) -> requests.Response:
            return ask(
                "POST",
                f"/rooms/{room_id}/messages",
                {"client_id": f"c{number}", "body": f"message {number}"},
            )

        said = send(0).json()
        ballast = fill_up_to(small_disk, 25_000_000)
        numbers = itertools.count(1)
        wait_until(lambda: send(next(numbers)).status_code == 503, "it is noticed", 40)
        refused = send(next(numbers))
        assert (refused.json()["error"]["code"], refused.headers["Retry-After"]) == (
            "unavailable",
            "120",
        )
        assert "disk is nearly full" in refused.json()["error"]["message"]
        assert send(0).status_code == 200, "what was kept before is the answer to a retry"
        assert ask("GET", f"/rooms/{room_id}/messages").status_code == 200
        assert ask("PUT", f"/rooms/{room_id}/read", {"seq": 0}).status_code == 200
        assert ask("DELETE", f"/messages/{said['id']}").status_code == 200
        assert '"level":"warning"' in chat.log_text()
        ballast.unlink()
        wait_until(lambda: send(next(numbers)).status_code == 201, "all goes on", 40)
