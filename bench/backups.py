"""Measure sends while a backup is taken, and the backup and restore of a large chat.

People write at a given rate, first alone, then while backups follow each other. A large chat is
then filled, backed up and restored into another database; memory is that of the command.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from random import random
from secrets import token_hex
from statistics import quantiles

from bson import ObjectId

from bench.own import own_database, own_folder, own_world
from chat.models.room import Room
from chat.models.user import User
from chat.server.embedded_database import EmbeddedDatabase
from tests.helpers.chatter import Chatter, fill
from tests.helpers.servers import ROOT, SECRETS, clean_environment
from tests.helpers.world import Person, World

MOST = 1.5  # times the p99 of a send without a backup
LONGEST = 15 * 60  # seconds, of a backup or a restore
LARGEST = 300  # MB of memory of the command
AT_ONCE = 5_000  # messages that are filled in at once
WRITERS = 8
SETTLING = 5.0  # seconds before sends are measured


@dataclass
class Sends:
    """Acknowledged sends of a time, in milliseconds."""

    count: int
    median: float
    p99: float
    longest: float


@dataclass
class Run:
    """A command: its seconds, the most memory it had (MB), and what it answered."""

    seconds: float
    memory: float
    answer: dict[str, object]


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument("--rate", type=int, default=100, help="messages a second")
    options.add_argument("--seconds", type=float, default=60, help="of each of the two times")
    options.add_argument("--messages", type=int, default=200_000, help="of the large chat")
    options.add_argument("--rooms", type=int, default=20, help="that the messages are in")
    options.add_argument("--json", type=Path, help="write the figures there too")


def run(given: argparse.Namespace) -> None:
    """Exits with 1 when a figure is above its limit."""
    with own_database() as embedded, own_folder() as folder, own_world(embedded) as world:
        fill_rooms(world, given.messages, given.rooms)
        alone, beside, taken = _sends(world, embedded, folder, given.rate, given.seconds)
        print(f"sends alone            {_line(alone)}")
        print(f"sends beside backups   {_line(beside)}  ({taken} backups)", flush=True)
        file = folder / "large.backup"
        backup = bin_chat(embedded.uri, "backup", str(file))
        checked = bin_chat(embedded.uri, "backup", "--verify", str(file))
        with other_database(folder) as uri:
            restore = bin_chat(uri, "restore", str(file))
        for name, each in (("backup", backup), ("verify", checked), ("restore", restore)):
            print(f"{name:10} {each.seconds:7.1f} s  {each.memory:6.0f} MB  {each.answer}")
    figures = {
        "messages": given.messages,
        "alone": asdict(alone),
        "beside": asdict(beside),
        "backup": asdict(backup),
        "verify": asdict(checked),
        "restore": asdict(restore),
    }
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1))
    is_quick = max(backup.seconds, restore.seconds) <= LONGEST
    if beside.p99 > MOST * alone.p99 or backup.memory > LARGEST or not is_quick:
        raise SystemExit("a figure is above its limit")


def bin_chat(uri: str, *arguments: str, **variables: str) -> Run:
    """Run a command, and measure it."""
    environment = clean_environment(**SECRETS | variables, MONGO_URI=uri, RATE_LIMITS="off")
    began = time.monotonic()
    process = subprocess.Popen(
        [str(ROOT / "bin/chat"), *arguments, "--json"], env=environment, stdout=subprocess.PIPE
    )
    memory = 0.0
    while process.poll() is None:
        memory = max(memory, _most_memory_of(process.pid))
        time.sleep(0.1)
    assert process.stdout
    said = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"bin/chat {' '.join(arguments)}: {said.decode()}")
    return Run(time.monotonic() - began, memory, json.loads(said))


def _most_memory_of(pid: int) -> float:
    """Return the most memory (MB) that a process had so far; 0 if it ended."""
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
        return int(found.group(1)) / 1024 if found else 0.0
    return 0.0


def fill_rooms(world: World, messages: int, rooms: int) -> None:
    """Let alice say so many messages in new rooms."""
    chatter = Chatter()
    user = User.find_by_username(world.alice.username)
    assert user
    for number in range(rooms):
        room = Room.find(ObjectId(world.room(name=f"Room {number}")))
        assert room
        for start in range(0, messages // rooms, AT_ONCE):
            count = min(AT_ONCE, messages // rooms - start)
            fill(room, [user], [chatter.sentence() for _ in range(count)])


def _sends(
    world: World, embedded: EmbeddedDatabase, folder: Path, rate: int, seconds: float
) -> tuple[Sends, Sends, int]:
    """Return the sends of `seconds` alone, those beside backups, and how many backups ended."""
    room_id = world.room()
    people = (world.alice, world.bob, world.carol)
    writers = [
        _Writer(person, room_id, rate / WRITERS) for person, _ in zip(cycle(people), range(WRITERS))
    ]
    for writer in writers:
        writer.start()
    time.sleep(SETTLING)
    alone = _during(writers, lambda: time.sleep(seconds))
    taken = 0

    def back_up() -> None:
        nonlocal taken
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            bin_chat(embedded.uri, "backup", str(folder / "beside.backup"))
            taken += 1

    beside = _during(writers, back_up)
    for writer in writers:
        writer.stop()
    return alone, beside, taken


class _Writer(threading.Thread):
    """Sends at fixed times, whether or not the sends before were quick; notes each latency."""

    def __init__(self, person: Person, room_id: str, rate: float):
        super().__init__(daemon=True)
        self._line, self._room_id, self._pause = person.listen(), room_id, 1 / rate
        self._ends = threading.Event()
        self.latencies: list[float] = []

    def run(self) -> None:
        due = time.monotonic() + self._pause * random()
        while not self._ends.wait(max(0.0, due - time.monotonic())):
            said = {"room_id": self._room_id, "body": "a few words", "client_id": token_hex(8)}
            answer = self._line.call("message:send", said)
            assert answer["ok"], answer
            self.latencies.append(1000 * (time.monotonic() - due))  # also what it waited to begin
            due += self._pause

    def stop(self) -> None:
        self._ends.set()
        self.join()


def _during(writers: list[_Writer], work: Callable[[], object]) -> Sends:
    for writer in writers:
        writer.latencies.clear()
    work()
    found = sorted(each for writer in writers for each in list(writer.latencies))
    cuts = quantiles(found, n=100)
    return Sends(len(found), cuts[49], cuts[98], found[-1])


def _line(sends: Sends) -> str:
    return (
        f"{sends.count:6} sends, median {sends.median:5.1f} ms, p99 {sends.p99:6.1f} ms, "
        f"longest {sends.longest:6.1f} ms"
    )


@contextmanager
def other_database(folder: Path) -> Iterator[str]:
    """Start an empty embedded database."""
    other = EmbeddedDatabase(folder / "other").start()
    try:
        yield other.uri
    finally:
        other.stop()
