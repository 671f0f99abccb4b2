"""A chat of several processes whose processes are killed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import requests

from tests.helpers.servers import Server, tree_of
from tests.helpers.world import PASSWORD


def daemons(data: Path) -> list[int]:
    found = subprocess.run(
        ["pgrep", "-f", str(data / "database")], capture_output=True, text=True
    ).stdout
    return [int(pid) for pid in found.split() if int(pid) != os.getpid()]


def webhook_programs(server_pid: int) -> list[int]:
    """Return the processes that send the webhooks of a server, or of one of its workers."""
    return [pid for pid in tree_of(server_pid) if b"webhooks/worker.py" in _command_of(pid)]


def _command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # it ended meanwhile
        return b""


def prepare(server: Server) -> tuple[str, str]:
    """Return (token, room id)."""
    body = {"username": "alice", "password": PASSWORD}
    token = requests.post(f"{server.url}/api/v1/auth/register", json=body, timeout=10).json()[
        "access_token"
    ]
    made = requests.post(
        f"{server.url}/api/v1/rooms",
        json={"name": "x"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    return token, made.json()["id"]
