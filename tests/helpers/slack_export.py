"""A small export of Slack, after https://slack.com/help/articles/220556107."""

from __future__ import annotations

import io
import json
import zipfile
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.helpers.pictures import gradient, written

BEGAN = 1_600_000_000  # seconds since 1970: a day in 2020
ALICE, BOB, CAROL, ROBBY = "U00ALICE", "U00BOB", "U00CAROL", "U00ROBBY"


class SlackZip:
    """An export that a test fills. `team`: the names of people and the ids are of one workspace."""

    def __init__(self, team: str, **files: Any):
        self.team = team
        self.users = [
            _user(team, ALICE, "alice", "Alice of Slack", title="Harbour pilot"),
            _user(team, BOB, "bob", "Bob of Slack"),
            _user(team, CAROL, "carol", "Carol of Slack", deleted=True),
            _user(team, ROBBY, "robby", "Robby the Bot", is_bot=True),
        ]
        self.channels: list[dict[str, Any]] = []
        self.dms: list[dict[str, Any]] = []
        self.days: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.files: dict[str, bytes] = files

    def channel(self, key: str, name: str, *members: str, **more: Any) -> None:
        about = {"id": key, "name": name, "created": BEGAN, "creator": ALICE}
        self.channels.append(about | {"members": list(members), "topic": {"value": ""}} | more)

    def dm(self, key: str, *members: str) -> None:
        self.dms.append({"id": key, "created": BEGAN, "members": list(members)})

    def say(self, folder: str, at: float, user: str, text: str, **more: Any) -> str:
        """Put a message into a folder, `at` seconds after the beginning. Return its ts."""
        ts = f"{BEGAN + at:.6f}"
        day = datetime.fromtimestamp(BEGAN + at, UTC).strftime("%Y-%m-%d")
        message = {"type": "message", "user": user, "text": text, "ts": ts} | more
        self.days[f"{folder}/{day}.json"].append(message)
        return ts

    def write(self, path: Path) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            lists = {"users": self.users, "channels": self.channels, "dms": self.dms}
            for name, content in lists.items():
                archive.writestr(f"{name}.json", json.dumps(content))
            for name, messages in self.days.items():
                archive.writestr(name, json.dumps(messages))
            for name, picture in self.files.items():
                archive.writestr(name, picture)
        return path


def picture() -> bytes:
    return written(gradient(), "PNG")


def zip_of(path: Path, **members: bytes) -> Path:
    """Write a zip file with these members."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    path.write_bytes(content.getvalue())
    return path


def _user(team: str, key: str, name: str, shown: str, **more: Any) -> dict[str, Any]:
    profile = {"display_name": shown, "real_name": shown, "title": more.pop("title", "")}
    profile["email"] = f"{name}@{team.lower()}.example"
    return {"id": key, "team_id": team, "name": name, "profile": profile} | more
