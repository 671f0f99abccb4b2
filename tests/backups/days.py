"""What people did in a chat that is backed up, and whether a restored one has it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.helpers.pictures import gradient, written
from tests.helpers.servers import ROOT, Server, clean_environment
from tests.helpers.somebody import Somebody

PLANTED = "heliotrope"


def bin_chat(environment: dict[str, str], *arguments: str, fails: bool = False) -> dict[str, Any]:
    run = subprocess.run(
        [str(ROOT / "bin/chat"), *arguments, "--json"],
        cwd="/",
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    assert run.returncode == int(fails), run.stdout + run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def killed(environment: dict[str, str], *arguments: str, when: Callable[[], object]) -> None:
    """Run a command, and kill it with -9 as soon as `when` holds."""
    process = subprocess.Popen(
        [str(ROOT / "bin/chat"), *arguments],
        env=clean_environment(**environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and not when():  # without a pause: it may take only a moment
        pass
    process.kill()
    assert process.wait() == -9, "it had ended before"


def where(data: Path) -> dict[str, str]:
    """Return the configuration of a chat whose data is in this folder."""
    return {"DATA_DIR": str(data), "RATE_LIMITS": "off", "FREE_DISK_BYTES": "0"}


class Day:
    """What people did in the chat that is backed up."""

    def __init__(self, chat: Server):
        self.alice = Somebody(chat.url, "alice").register()
        self.bob = Somebody(chat.url, "bob").register()
        self.room = self.alice.post("/rooms", json={"name": "Ferry", "kind": "public"})["id"]
        self.bob.post(f"/rooms/{self.room}/join")
        self.first = self.alice.say(self.room, f"{PLANTED} @bob one")["id"]
        self.alice.ask("PATCH", f"/messages/{self.first}", json={"body": f"{PLANTED} @bob two"})
        self.bob.ask("PUT", f"/messages/{self.first}/reactions/👍")
        self.gone = self.bob.say(self.room, f"{PLANTED} gone")["id"]
        self.bob.ask("DELETE", f"/messages/{self.gone}")
        picture = ("pier.png", written(gradient(), "PNG"), "image/png")
        self.image = self.bob.post(f"/rooms/{self.room}/images", files={"image": picture})["id"]
        shown = {"client_id": "shown", "image_ids": [self.image]}
        self.bob.post(f"/rooms/{self.room}/messages", json=shown)
        self.bob.ask("PUT", "/me/avatar", files={"image": picture})
        self.log = self.alice.get(f"/rooms/{self.room}/log", after=0, limit=200)["entries"]


def holds(day: Day, restored: Server) -> None:
    """Check that a restored chat has all that was in the other one."""
    alice, bob = day.alice.at(restored.url), day.bob.at(restored.url)
    assert alice.get(f"/rooms/{day.room}/log", after=0, limit=200)["entries"] == day.log
    assert (bob.picture(day.image), alice.finds(PLANTED)) == (200, 1)
    assert bob.get("/mentions")["messages"][0]["id"] == day.first
    assert alice.say(day.room, "and on")["seq"] == day.log[-1]["seq"] + 1
