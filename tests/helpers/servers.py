"""Start and stop the chat as an operator does."""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
# The variables of all processes of one chat. The folder is for all databases of this run.
SECRETS_DIR = Path(tempfile.mkdtemp(prefix="chat-secrets-"))
atexit.register(shutil.rmtree, SECRETS_DIR, ignore_errors=True)
SECRETS = {"JWT_SECRET": "j" * 40, "SECRET_KEY": "s" * 40, "SECRETS_DIR": str(SECRETS_DIR)}
# What runs the chat: its own loop, or gunicorn.
WSGI = ("wsgi.py",)
GUNICORN = ("-m", "gunicorn", "-c", "gunicorn.conf.py")
# Every variable of .env.example.
CONFIGURATION = re.findall(r"^# ([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def free_port() -> int:
    """Return a port that no program uses.

    It is below those that the system gives to outgoing connections: one of them could have it while
    a server restarts.
    """
    while True:
        port = 15_000 + secrets.randbelow(15_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def clean_environment(**variables: str | None) -> dict[str, str]:
    """Return this process's environment without the chat's variables, plus `variables`."""
    kept = {name: value for name, value in os.environ.items() if name not in CONFIGURATION}
    return kept | {name: value for name, value in variables.items() if value is not None}


def wait_until(holds: Callable[[], object], what: str, seconds: float = 15) -> None:
    """Wait until the condition holds; fail when it does not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that ended but is not reaped yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def tree_of(pid: int) -> list[int]:
    """Return a process and all running descendants."""
    try:
        children = children_of(pid)
    except OSError:  # it ended
        return []
    return [pid, *(each for child in children for each in tree_of(child))]


class Server:
    """The chat in a process of its own, on 127.0.0.1.

    It runs `python wsgi.py`, unless another command is given. `with` starts it, and stops it.
    """

    def __init__(
        self,
        port: int,
        environment: Mapping[str, str | None],
        log: Path,
        command: Sequence[str] = WSGI,
    ):
        self.port, self.log, self._command = port, log, command
        self.url = f"http://127.0.0.1:{port}"
        self.environment = clean_environment(
            **dict(environment) | {"PORT": str(port), "HOST": "127.0.0.1"}
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Server:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, *self._command],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            wait_until(self.answers, "the server answers", 60)
        except AssertionError as late:
            self.process.kill()  # nobody else would end it
            self.process.wait()
            raise AssertionError(f"{late}; its log ends: {self.log.read_text()[-2000:]}") from late
        return self

    def answers(self) -> bool:
        assert self.process
        assert self.process.poll() is None, f"the server ended: {self.log.read_text()[-2000:]}"
        try:
            return requests.get(self.url + "/up", timeout=1).ok
        except requests.RequestException:
            return False

    def cookie(self, name: str) -> str:
        """Return a cookie's name on this server: it ends with the port."""
        return f"{name}_{self.port}"

    @property
    def serving_pid(self) -> int:
        """Return the serving process: with bin/run it is a child of the started one."""
        for pid in children_of(self.pid):
            if b"wsgi.py" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        return self.pid

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send this signal, and return the exit code."""
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(20)

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    @property
    def data(self) -> Path:
        return Path(self.environment["DATA_DIR"])

    def errors(self) -> list[str]:
        """Return the lines of its log that tell of a defect."""
        return [line for line in self.log.read_text().splitlines() if '"level":"error"' in line]


def new_chat(
    folder: Path,
    mongo_uri: str | None = None,
    command: Sequence[str] = WSGI,
    port: int = 0,
    **variables: str | None,
) -> Server:
    """Return a chat that is not started yet; its log and data have a folder of their own.

    Without `mongo_uri` it starts an embedded database. It has no rate limits and does not check
    the disk, unless `variables` say otherwise.
    """
    own = Path(tempfile.mkdtemp(prefix="chat-", dir=folder))
    environment: dict[str, str | None] = {
        "DATA_DIR": str(own / "data"),
        "RATE_LIMITS": "off",
        "FREE_DISK_BYTES": "0",  # how full the disk is must decide no test
    }
    if mongo_uri:
        environment |= SECRETS | {"MONGO_URI": mongo_uri}
    return Server(port or free_port(), environment | variables, own / "log", command)


def run_to_its_end(**variables: str | None) -> subprocess.CompletedProcess[str]:
    """Run `python wsgi.py` with a configuration that cannot work."""
    return subprocess.run(
        [sys.executable, "wsgi.py"],
        cwd=ROOT,
        env=clean_environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
    )
