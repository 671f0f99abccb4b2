"""Measure pages of 50 messages in a room of 100,000, beside rooms of 100: new and old ones.

The chat caches what was read lately, so the old pages are pages that nobody read before. In the
large room somebody scrolls through the past; of small rooms there are more than the caches hold.
CPU of the server and of its database is from /proc, so Linux only. Wall times depend on the
machine and on who else uses it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from itertools import cycle, repeat
from pathlib import Path

from bson import ObjectId

from bench.beside import Rounds, Row, row, tell
from bench.fan_out import cpu_of
from bench.own import SERVE_WITHOUT_INDEXING, own_database, own_world
from chat.models.log import CACHED_ENTRIES
from chat.models.room import Room
from chat.models.user import User
from chat.server.embedded_database import EmbeddedDatabase
from tests.helpers.chatter import Chatter, fill
from tests.helpers.world import Person, World

SMALL, LARGE = 100, 100_000  # messages
PAGE = 50
ROOMS = CACHED_ENTRIES // PAGE + 20  # small ones
ROUNDS = 9  # in every room, in turn, so that both meet the same machine
MOST = 1.2  # times what it costs in a small room

Place = tuple[str, int]  # a room, and the `seq` before which a page ends


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument("--times", type=int, default=100, help="pages read in a round")
    options.add_argument("--json", type=Path, help="write the figures there too")


def run(wanted: argparse.Namespace) -> None:
    with (
        own_database() as embedded,
        own_world(embedded, SERVE_WITHOUT_INDEXING) as world,
    ):  # of what was just put there
        rows = _measure(world, embedded, wanted.times)
    tell(rows, MOST, wanted.json)


def _measure(world: World, embedded: EmbeddedDatabase, times: int) -> list[Row]:
    reader = Person(world, "reader")
    small = [_room(reader, SMALL) for _ in range(ROOMS)]
    large = _room(reader, LARGE)
    pages: dict[str, tuple[Iterator[Place], Iterator[Place]]] = {
        "the newest": (repeat((small[0], SMALL + 1)), repeat((large, LARGE + 1))),
        "not read lately": (
            cycle((room, SMALL + 1) for room in small),
            cycle((large, seq) for seq in range(LARGE + 1, PAGE, -PAGE)),
        ),
    }
    pids = [world.server.serving_pid, embedded.pid]
    spent: dict[tuple[str, int], Rounds] = {}
    for _ in range(ROUNDS):
        for page, both in pages.items():
            for which, places in enumerate(both):
                before, latencies = sum(map(cpu_of, pids)), []
                for _ in range(times):
                    room_id, seq = next(places)
                    began = time.perf_counter()
                    assert len(reader.reads(room_id, limit=PAGE, before=seq)["messages"]) == PAGE
                    latencies.append(1000 * (time.perf_counter() - began))
                spent.setdefault((page, which), []).append(
                    (sum(map(cpu_of, pids)) - before, latencies)
                )
    return [row(page, spent[page, 0], spent[page, 1], times) for page in pages]


def _room(reader: Person, size: int) -> str:
    room_id, chatter = reader.make_room(f"Room of {size}"), Chatter()
    room, author = Room.find(ObjectId(room_id)), User.find(ObjectId(reader.id))
    assert room and author
    fill(room, [author], [chatter.sentence() for _ in range(size)])
    return room_id
