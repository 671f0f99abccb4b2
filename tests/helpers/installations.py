"""A checkout of an earlier version with its configuration, started by its `bin/run`."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import requests

from tests.helpers.servers import ROOT, clean_environment, free_port, wait_until

OLD = "3b1ed6a"  # 0.1.0
START_SECONDS = 240  # with all that a first start installs


def git(*arguments: str, cwd: Path = ROOT) -> str:
    return subprocess.run(
        ["git", "-c", "safe.directory=*", *arguments],
        cwd=cwd,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


class Installation:
    """A checkout with its configuration in `.env`, started by its `bin/run`."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        self.url, self.log = f"http://localhost:{self.port}", folder.parent / "log"
        git("clone", "--quiet", "--shared", "--no-checkout", str(ROOT), str(folder))
        git("checkout", "--quiet", OLD, cwd=folder)
        self.configure()

    def configure(self, **variables: str) -> None:
        given = {"PORT": str(self.port), "DATA_DIR": str(self.folder.parent / "data")} | variables
        (self.folder / ".env").write_text(
            "".join(f"{name}={value}\n" for name, value in given.items())
        )

    def start(self) -> None:
        """Start it. Raises AssertionError with the last lines of the log where it ends instead."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ["bin/run"],
                cwd=self.folder,
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers, "the chat serves", START_SECONDS)

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        try:
            return requests.get(f"{self.url}/ready", timeout=2).ok
        except requests.RequestException:
            return False

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def upgrade(self) -> None:
        git("checkout", "--quiet", "--detach", git("rev-parse", "HEAD"), cwd=self.folder)

    def bin_chat(self, *arguments: str) -> dict[str, Any]:
        run = subprocess.run(
            [self.folder / "bin/chat", *arguments, "--json"],
            cwd="/",
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        found: dict[str, Any] = json.loads(run.stdout)
        return found
