"""Measure a large chat: its start, memory, hello, pages, search, backup and verification.

bin/bench large --messages 1000000 --people 5000 --rooms 2000
"""

from __future__ import annotations

import argparse
import os
import re
import time
from functools import partial
from pathlib import Path

import requests

from bench.backups import bin_chat
from bench.many_rooms import api, compare, hello, page
from bench.own import own_database, own_folder, own_world
from chat.models.database import database
from tests.helpers.servers import SECRETS, Server, free_port, tree_of, wait_until
from tests.helpers.world import Person

FEW, MANY = 20, 200  # rooms of the two people who ask
HELLOS = 20
MOST_START = 3.0  # seconds until the chat serves
MOST_HELLO = 50.0  # ms of CPU
PATHS = {
    "GET /api/v1/rooms": "/rooms",
    "GET /api/v1/rooms/browse": "/rooms/browse",
    "GET /api/v1/users": "/users",
    "GET /api/v1/users?q=": "/users?q=person-0123",
    "search, a frequent word": "/search?q=workshop",
    "search, the beginning of one": "/search?q=light",
    "search, a phrase": "/search?q=%22two%20blinks%22",
    "search, nothing": "/search?q=xylophone",
}
PAGES = {
    "page /rooms": "/rooms",
    "page of a room": "/rooms/ROOM",
    "page /people": "/people",
}


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument("--messages", type=int, default=100_000)
    options.add_argument("--people", type=int, default=1_000)
    options.add_argument("--rooms", type=int, default=400)
    options.add_argument("--rounds", type=int, default=15)


def run(given: argparse.Namespace) -> None:
    """Exits with 1 when the start or a hello is above its limit."""
    with own_database() as embedded, own_folder() as folder:
        with own_world(embedded) as world:
            few, many = Person(world, "few"), Person(world, "many")
            numbers = (
                "--people",
                given.people,
                "--messages",
                given.messages,
                "--rooms",
                given.rooms,
            )
            seeded = bin_chat(embedded.uri, "seed", "--beside", *map(str, numbers))
            print(
                f"seeded in {seeded.seconds:.0f} s, with {seeded.memory:.0f} MB; "
                f"disk {_megabytes_in(embedded.store):.0f} MB",
                flush=True,
            )
            for person, count in ((few, FEW), (many, MANY)):
                _join(person, count)
        _print_of(embedded.uri, "reindex")
        environment = {**SECRETS, "MONGO_URI": embedded.uri, "RATE_LIMITS": "off"}
        server = Server(free_port(), environment | {"DATA_DIR": str(folder)}, folder / "log")
        began = time.monotonic()
        with server:
            wait_until(lambda: requests.get(f"{server.url}/ready", timeout=5).ok, "it is ready")
            start = time.monotonic() - began
            few.server = many.server = server
            print(f"start {start:.1f} s; {_memory_of(server):.0f} MB")
            took = {each: _cpu_of_hello(server, each) for each in (few, many)}
            print(
                f"hello: {took[few]:.0f} ms of CPU with {FEW} rooms, "
                f"{took[many]:.0f} ms with {MANY}",
                flush=True,
            )
            print(f"{'':28}{FEW:>10} rooms {MANY:>16} rooms     times")
            for title, path in PATHS.items():
                compare(title, partial(api, path=path), few, many, given.rounds)
            for title, path in PAGES.items():
                compare(title, partial(page, path=path), few, many, given.rounds)
            print(f"memory afterwards {_memory_of(server):.0f} MB", flush=True)
        for arguments in (("backup", str(folder / "a.backup")), ("verify",), ("doctor",)):
            _print_of(embedded.uri, *arguments)
    if start > MOST_START or took[many] > MOST_HELLO:
        raise SystemExit("a figure is above its limit")


def _print_of(uri: str, *arguments: str) -> None:
    """Run a command; print its time and memory."""
    done = bin_chat(uri, *arguments)
    print(f"{arguments[0]:8} {done.seconds:7.1f} s {done.memory:6.0f} MB", flush=True)


def _join(person: Person, count: int) -> None:
    """Let somebody join so many of the public rooms."""
    found = database["rooms"].find({"shelf": "public"}, {"_id": 1}).limit(count)
    for room_id in [str(record["_id"]) for record in found]:
        joined = person.post(f"/rooms/{room_id}/join")
        assert joined.ok, joined.text
        person.__dict__["last_room"] = room_id


def _cpu_of_hello(server: Server, person: Person) -> float:
    """Return the CPU time (ms) of the server for one hello; the first one does not count."""
    hello(person)
    before = _cpu_of(server)
    for _ in range(HELLOS):
        hello(person)
    return 1000 * (_cpu_of(server) - before) / HELLOS


def _cpu_of(server: Server) -> float:
    """Return the seconds that the processes of a chat have computed."""
    ticks = 0
    for pid in tree_of(server.pid):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _memory_of(server: Server) -> float:
    """Return the memory (MB) that the processes of a chat have now."""
    statuses = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in tree_of(server.pid)]
    return sum(int(re.findall(r"^Pss:\s+(\d+)", each, re.M)[0]) for each in statuses) / 1024


def _megabytes_in(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
