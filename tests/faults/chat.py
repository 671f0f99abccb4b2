"""The chat as an operator runs it, with faults for its parts: workers, master, database, queue."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import requests
from pymongo import MongoClient

from chat.server.embedded_database import EmbeddedDatabase
from tests.faults.clients import Person
from tests.faults.plan import Plan
from tests.helpers.clocks import Clock, clock_ahead
from tests.helpers.databases import IS_EMBEDDED, GivenDatabase
from tests.helpers.kills import webhook_programs
from tests.helpers.redis_server import RedisServer
from tests.helpers.servers import SECRETS, Server, free_port, is_alive, wait_until
from tests.helpers.world import PASSWORD

# The test database does not report by itself that it is primary again, as a real replica set does:
# the driver polls it.
POLLED = "&serverMonitoringMode=poll&heartbeatFrequencyMS=500"
DELIVERS = "this process delivers webhooks now"
INSISTS_SECONDS = 30.0
GONE_SECONDS = 2.0  # between the master's death and that of its descendants


class Chat:
    """The chat: `workers` processes on one port, joined by a Redis of their own if several.

    The database is the embedded one. With `elections` or `own_clock` it is one of MONGO_URI, like
    any MongoDB: its primary can step down, and the wall clock of the processes can be set without
    the database's. `variables` are further ones of its environment.
    """

    def __init__(
        self,
        folder: Path,
        workers: int = 2,
        *,
        elections: bool = False,
        own_clock: bool = False,
        free_disk_bytes: int = 0,
        **variables: str,
    ):
        self.workers, self.data = workers, folder / f"laboratory-{free_port()}"
        self.redis = RedisServer() if workers > 1 else None
        self.database: EmbeddedDatabase | GivenDatabase | None = None
        if not IS_EMBEDDED:
            self.database = GivenDatabase()
        elif elections or own_clock:
            self.database = EmbeddedDatabase(self.data, replica_set=elections)
        self.clock = Clock(folder / f"{self.data.name}.clock") if own_clock else None
        self._free_disk_bytes = free_disk_bytes
        self._variables = variables
        self._log = folder / f"{self.data.name}.log"

    def __enter__(self) -> Chat:
        environment: dict[str, str | None] = {
            "DATA_DIR": str(self.data),
            "RATE_LIMITS": "off",
            "WORKERS": str(self.workers),
            **self._variables,
        }
        environment["FREE_DISK_BYTES"] = str(self._free_disk_bytes)
        if self.redis:
            environment["REDIS_URL"] = self.redis.start().url
        if self.database:
            uri = self.database.start().uri + (POLLED if IS_EMBEDDED else "")
            environment |= SECRETS | {"MONGO_URI": uri}
        if self.clock:
            environment |= self.clock.environment
        self.server = Server(free_port(), environment, self._log).start()
        self.url = self.server.url
        wait_until(lambda: len(self.worker_pids()) == self.workers, "all of it runs")
        wait_until(lambda: requests.get(self.url + "/ready", timeout=5).ok, "all of it is ready")
        return self

    def __exit__(self, *_: object) -> None:
        if self.server.process and self.server.process.poll() is None:
            self.server.stop()
        if self.redis:
            self.redis.kill()
        if self.database:
            self.database.stop()
        shutil.rmtree(self.data, ignore_errors=True)

    def log_text(self) -> str:
        """Return the chat's log for operators."""
        return self._log.read_text()

    # who is in it

    def people(self, plan: Plan) -> list[Person]:
        """Create the people: person n owns room n, and is in the rooms of the plan."""
        names = [f"person-{secrets.token_hex(3)}-{number}" for number in range(plan.people)]
        with ThreadPoolExecutor(4) as pool:
            signed_in = list(pool.map(self._register, names))
        rooms = [
            self.post(
                "/rooms", {"name": f"Room of {name}", "kind": "public"}, found["access_token"]
            )["id"]
            for name, found in zip(names, signed_in, strict=True)
        ]
        people = []
        for number, found in enumerate(signed_in):
            mine = [rooms[room] for room in plan.rooms_of(number)]
            for room_id in mine:
                if room_id != rooms[number]:
                    self.post(f"/rooms/{room_id}/join", None, found["access_token"])
            people.append(Person(found["user"]["id"], found["access_token"], mine))
        return people

    def log(self, person: Person, room_id: str) -> list[dict[str, Any]]:
        """Return all entries of a room, from the API."""
        entries: list[dict[str, Any]] = []
        more = True
        while more:
            after = entries[-1]["seq"] if entries else 0
            answer = self.get(f"/rooms/{room_id}/log?after={after}&limit=500", person.token)
            entries, more = entries + answer["entries"], answer["has_more"]
        return entries

    def heads(self, person: Person) -> dict[str, int]:
        """Return the head of each of a person's rooms."""
        return {
            item["room"]["id"]: item["head_seq"]
            for item in self.get("/rooms", person.token)["rooms"]
        }

    def post(self, path: str, body: Any, token: str = "", *, insists: bool = False) -> Any:
        return self._ask("POST", path, token, body, insists=insists)

    def patch(self, path: str, body: Any, token: str) -> Any:
        return self._ask("PATCH", path, token, body, insists=True)

    def get(self, path: str, token: str) -> Any:
        return self._ask("GET", path, token, insists=True)

    # its parts

    def worker_pids(self) -> list[int]:
        found = subprocess.run(
            ["pgrep", "-P", str(self.server.pid), "-f", "wsgi.py"],
            capture_output=True,
            text=True,
        ).stdout
        return [int(pid) for pid in found.split()]

    @property
    def database_pid(self) -> int:
        return int(json.loads((self.data / "database.json").read_text())["pid"])

    @property
    def deliverer_pid(self) -> int:
        """Return the worker that took the lease of webhooks last."""
        said = [line for line in self.log_text().splitlines() if DELIVERS in line]
        return int(json.loads(said[-1])["pid"])

    # what can happen to it; each returns when it has happened

    def kill_worker(self, pick: float, number: signal.Signals = signal.SIGKILL) -> None:
        pids = self.worker_pids()
        os.kill(pids[int(pick * len(pids))], number)

    def kill_master(self) -> None:
        """Kill the master, and wait until nothing of it is left."""
        assert self.server.process
        left = [*self.worker_pids(), *([] if self.database else [self.database_pid])]
        self.server.process.kill()
        self.server.process.wait()
        wait_until(lambda: not any(map(is_alive, left)), "no orphan is left", GONE_SECONDS)

    def kill_deliverer(self) -> None:
        """Kill the worker that sends webhooks."""
        wait_until(lambda: self.deliverer_pid in self.worker_pids(), "a worker sends webhooks")
        os.kill(self.deliverer_pid, signal.SIGKILL)

    def kill_webhook_program(self) -> None:
        """Kill the program of the worker that sends webhooks."""
        wait_until(lambda: webhook_programs(self.deliverer_pid), "a program sends webhooks")
        for pid in webhook_programs(self.deliverer_pid):
            os.kill(pid, signal.SIGKILL)

    def kill_database(self) -> None:
        os.kill(self.database_pid, signal.SIGKILL)

    def step_down(self, seconds: int) -> None:
        """Let the primary step down for so long; return when there is a primary again."""
        assert self.database
        with closing(
            # The driver finds the next primary of a set; the embedded one is alone.
            MongoClient[dict[str, Any]](self.database.uri, directConnection=IS_EMBEDDED)
        ) as client:
            client.admin.command(
                {
                    "replSetStepDown": seconds,
                    "secondaryCatchUpPeriodSecs": seconds - 1,
                    "force": True,
                }
            )
            wait_until(
                lambda: client.admin.command("hello")["isWritablePrimary"],
                "there is a primary again",
            )

    def start_again(self) -> None:
        self.server.start()

    @contextmanager
    def ahead(self, seconds: int) -> Iterator[None]:
        """Start the chat again with a clock that is so far ahead; afterwards, with the true one."""
        before = self.server.environment
        try:
            self.server.environment = before | clock_ahead(seconds)
            self.server.stop()
            self.server.start()
            yield
        finally:
            self.server.environment = before
            self.server.stop()
            self.server.start()

    def slowest_up(self, seconds: float) -> float:
        """Return the slowest answer of `/up` within the next seconds."""
        slowest, end = 0.0, time.monotonic() + seconds
        while time.monotonic() < end:
            began = time.monotonic()
            assert requests.get(self.url + "/up", timeout=10).ok
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.05)
        return slowest

    def defects(self) -> list[str]:
        """Return what the chat itself logged as an unhandled exception."""
        lines = [
            line for line in self.server.log.read_text().splitlines() if '"level":"error"' in line
        ]
        return [line for line in lines if not any(expected in line for expected in EXPECTED)]

    def _ask(self, method: str, path: str, token: str, body: Any = None, *, insists: bool) -> Any:
        """Return an answer. `insists`: ask again while the chat is unavailable."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        address, ends = f"{self.url}/api/v1{path}", time.monotonic() + INSISTS_SECONDS
        while True:
            answer = requests.request(method, address, json=body, headers=headers, timeout=20)
            if not insists or answer.status_code != 503 or time.monotonic() > ends:
                break
            time.sleep(0.2)
        assert answer.ok, answer.text
        return answer.json()

    def _register(self, username: str) -> dict[str, Any]:
        return self.post("/auth/register", {"username": username, "password": PASSWORD})


# Errors that the faults are meant to bring about.
EXPECTED = (
    "a worker ended",
    "the chat ended",
    "the embedded database ended",
    "the embedded database did not start",
    "the embedded database cannot read",
    "the master is gone",
    "database operation failed",
    "unavailable was answered",
)
