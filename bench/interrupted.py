"""Kill commands of operators with -9 at random moments; a repeat must end each of them.

bin/bench interrupted --times 20

A backup that was killed leaves no file under its name, or a whole one. A restore, an import and a
rotation of keys are repeated until they end; then the data is verified and counted. A start that
migrates the data of 0.1.0 is killed once in each copy of that data, and then repeated.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import time
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

from pymongo import MongoClient

from bench.backups import bin_chat, fill_rooms, other_database
from bench.imports import write_export
from bench.own import own_database, own_folder, own_world
from chat.controllers import rooms
from chat.models.user import User
from tests.backups.days import bin_chat as bin_chat_there
from tests.backups.days import where
from tests.fixtures import make_first
from tests.helpers.migrating import killed_in
from tests.helpers.servers import ROOT, SECRETS, Server, clean_environment, free_port
from tests.helpers.somebody import Somebody

TIMES = 20
MESSAGES = 20_000
AFTER = (0.6, 2.0)  # seconds until a command is killed; it needs some 0.8 to start
STEP_SECONDS = 0.06  # of a migration of such little data, at most
KEYS = 1_500  # rooms, each with a key
EXPORT = argparse.Namespace(messages=MESSAGES, people=60, channels=30, pictures=100)
NEW_KEY = {
    "SECRET_KEY": "another key of a chat that is under test",
    "SECRET_KEYS_RETIRED": SECRETS["SECRET_KEY"],
}


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument("--times", type=int, default=TIMES, help="each command")
    options.add_argument("--seed", type=int, default=1)

    options.add_argument("--only-migrations", action="store_true")


def run(given: argparse.Namespace) -> None:
    """Exits with 1 when a promise does not hold."""
    dice = random.Random(given.seed)
    migrate(dice, given.times)
    if given.only_migrations:
        return
    with own_database() as embedded, own_folder() as folder:
        with own_world(embedded) as world:
            fill_rooms(world, MESSAGES, 10)
            owner = User.find_by_username(world.alice.username)
            assert owner
            for number in range(KEYS):
                rooms.create(owner, name=f"Key {number}", kind="private")
        killer = Killer(embedded.uri, dice, given.times)
        file, slack = folder / "chat.backup", folder / "slack.zip"
        killer.backup(file)
        with other_database(folder) as uri:
            killer.until_it_ends(uri, "restore", str(file))
            _verified(uri, "restore", MESSAGES)
        write_export(slack, EXPORT)
        killer.until_it_ends(embedded.uri, "import", "slack", str(slack))
        _verified(embedded.uri, "import", 2 * MESSAGES)
        killer.until_it_ends(embedded.uri, "rotate-keys", **NEW_KEY)
        _verified(embedded.uri, "rotate-keys", 2 * MESSAGES, SECRET_KEY=NEW_KEY["SECRET_KEY"])


def migrate(dice: random.Random, times: int) -> None:
    """Kill starts that migrate data of 0.1.0: in every step in turn, at a random moment of it."""
    steps: Counter[str] = Counter()
    seconds = []
    number = 0
    while steps.total() < times:
        with own_folder() as folder:
            make_first.load(folder / "data")
            there = where(folder / "data")
            step = killed_in(there, number, dice.uniform(0, STEP_SECONDS))
            number = number + 1 if step else 0
            if step is None:
                continue
            steps[step] += 1
            began = time.monotonic()
            with Server(free_port(), there, folder / "log") as chat:
                seconds.append(time.monotonic() - began)
                _is_as_before(chat, there, step)
    print(
        f"migrations   {steps.total()} kills in {len(steps)} steps; the start after it took "
        f"{median(seconds):.1f} s, at most {max(seconds):.1f} s",
        flush=True,
    )


def _is_as_before(chat: Server, there: dict[str, str], step: str) -> None:
    """Exit with 1 unless alice reads and finds what she did in 0.1.0."""
    alice = Somebody(chat.url, "alice1").sign_in()
    before = json.loads(make_first.FIRST.with_name("0.1.0.json").read_text())
    found = alice.finds("gull")
    problems = bin_chat_there(there, "verify")["problems"]
    if make_first.read(alice) != before or problems or found != make_first.ROOMS * make_first.SAID:
        raise SystemExit(f"killed in {step}: other messages, {found} found; {problems}")


class Killer:
    """Runs commands, and kills them at random moments of the time that they take."""

    def __init__(self, uri: str, dice: random.Random, times: int):
        self._uri, self._dice, self._times = uri, dice, times

    def backup(self, file: Path) -> None:
        """Kill backups. After each the file is not there, or whole."""
        takes = bin_chat(self._uri, "backup", str(file)).seconds
        kills = whole = 0
        for _ in range(self._times):
            file.unlink()
            after = self._dice.uniform(0, takes)
            kills += self._killed(self._uri, after, "backup", str(file))
            if file.exists():
                whole += 1
            else:
                bin_chat(self._uri, "backup", str(file))
            if bin_chat(self._uri, "backup", "--verify", str(file)).answer["problems"]:
                raise SystemExit(f"{file} has problems")
        print(
            f"backup       {takes:5.1f} s, {kills} kills; {whole} times the file was whole",
            flush=True,
        )

    def until_it_ends(self, uri: str, *arguments: str, **variables: str) -> None:
        """Kill a command again and again, and then let it end."""
        kills = sum(
            self._killed(uri, self._dice.uniform(*AFTER), *arguments, **variables)
            for _ in range(self._times)
        )
        last = bin_chat(uri, *arguments, **variables)
        print(f"{arguments[0]:12} {kills} kills, then {last.seconds:.1f} s", flush=True)

    def _killed(self, uri: str, after: float, *arguments: str, **variables: str) -> bool:
        """Kill a command so many seconds after its start. Return False if it ended before."""
        environment = clean_environment(**SECRETS | variables, MONGO_URI=uri)
        process = subprocess.Popen(
            [ROOT / "bin/chat", *arguments],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return process.wait(after) != 0
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return True


def _verified(uri: str, what: str, messages: int, **variables: str) -> None:
    """Exit with 1 unless everything can be read, and so many messages are there."""
    found = bin_chat(uri, "verify", **variables).answer
    with MongoClient[dict[str, Any]](uri) as client:
        log = client.get_default_database()["log"]
        there = log.count_documents({"event": "message:posted"})
    if found["problems"] or there != messages:
        raise SystemExit(f"{what}: {there} of {messages} messages; {found['problems']}")
