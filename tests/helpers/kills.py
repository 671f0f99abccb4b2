"""A chat of several processes whose processes are killed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import requests

from tests.helpers.servers import Server
from tests.helpers.world import PASSWORD


def daemons(data: Path) -> list[int]:
    found = subprocess.run(
        ["pgrep", "-f", str(data / "database")], capture_output=True, text=True
    ).stdout
    return [int(pid) for pid in found.split() if int(pid) != os.getpid()]


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
