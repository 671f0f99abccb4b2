"""Kill commands of operators with -9 at random moments; a repeat must end each of them.

bin/bench interrupted --times 20

A backup that was killed leaves no file under its name, or a whole one. A restore, an import and a
rotation of keys are repeated until they end; then the data is verified and counted.
"""

from __future__ import annotations

import argparse
import random
import subprocess
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from bench.backups import bin_chat, fill_rooms, other_database
from bench.imports import write_export
from bench.own import own_database, own_folder, own_world
from chat.controllers import rooms
from chat.models.user import User
from tests.helpers.servers import ROOT, SECRETS, clean_environment

TIMES = 20
MESSAGES = 20_000
AFTER = (0.6, 2.0)  # seconds until a command is killed; it needs some 0.8 to start
KEYS = 1_500  # rooms, each with a key
EXPORT = argparse.Namespace(messages=MESSAGES, people=60, channels=30, pictures=100)
NEW_KEY = {
    "SECRET_KEY": "another key of a chat that is under test",
    "SECRET_KEYS_RETIRED": SECRETS["SECRET_KEY"],
}


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument("--times", type=int, default=TIMES, help="each command")
    options.add_argument("--seed", type=int, default=1)


def run(given: argparse.Namespace) -> None:
    """Exits with 1 when a promise does not hold."""
    dice = random.Random(given.seed)
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
