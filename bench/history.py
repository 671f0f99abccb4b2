"""What a page of 50 messages costs in a room of 100,000, beside rooms of 100: the newest, and one that nobody read lately.

What was read lately is remembered, so pages that nobody read are compared with such: in the large room one scrolls through
the past, and there are more small rooms than are remembered. CPU of the server and of its database, from /proc, so Linux only.
Wall times depend on the machine and on who else uses it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator
from itertools import cycle, repeat
from pathlib import Path
from typing import Any

from bench.fan_out import cpu_of
from bench.own import SERVE_WITHOUT_INDEXING, own_database, own_world
from chat.models.document import id_from
from chat.models.embedded import EmbeddedDatabase
from chat.models.log import REMEMBERED
from chat.models.room import Room
from chat.models.user import User
from tests.chatter import Chatter, fill
from tests.world import Person, World

SMALL, LARGE = 100, 100_000       # messages
PAGE = 50
ROOMS = REMEMBERED // PAGE + 20   # small ones
ROUNDS = 9                        # in every room, in turn, so that both meet the same machine
MOST = 1.2                        # times what it costs in a small room

Place = tuple[str, int]  # a room, and the `seq` before which a page ends
Row = dict[str, Any]


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument("--times", type=int, default=100, help="pages read in a round")
    options.add_argument("--json", type=Path, help="write the figures there too")


def run(wanted: argparse.Namespace) -> None:
    with own_database() as embedded, own_world(embedded, SERVE_WITHOUT_INDEXING) as world:  # of what was just put there
        rows = _measure(world, embedded, wanted.times)
    print(f"\n{'':20}{'small: CPU ms':>14}{'ms':>8}{'large: CPU ms':>16}{'ms':>8}{'times the CPU':>16}")
    for row in rows:
        small, large = row["small"], row["large"]
        print(f"{row['page']:20}{small['cpu_ms']:14.2f}{small['ms']:8.1f}{large['cpu_ms']:16.2f}{large['ms']:8.1f}{row['times']:16.2f}")
    if wanted.json:
        wanted.json.write_text(json.dumps(rows, indent=2) + "\n")
    if dear := [row["page"] for row in rows if row["times"] > MOST]:
        raise SystemExit(f"in the large room these cost more than {MOST} times as much: {', '.join(dear)}")


def _measure(world: World, embedded: EmbeddedDatabase, times: int) -> list[Row]:
    reader = Person(world, "reader")
    small = [_room(reader, SMALL) for _ in range(ROOMS)]
    large = _room(reader, LARGE)
    pages: dict[str, tuple[Iterator[Place], Iterator[Place]]] = {
        "the newest": (repeat((small[0], SMALL + 1)), repeat((large, LARGE + 1))),
        "not read lately": (cycle((room, SMALL + 1) for room in small), cycle((large, seq) for seq in range(LARGE + 1, PAGE, -PAGE))),
    }
    pids = [int(process.pid) for process in (world.server.process, embedded._process) if process]
    spent: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for _ in range(ROUNDS):
        for page, both in pages.items():
            for which, places in enumerate(both):
                before, began = sum(map(cpu_of, pids)), time.perf_counter()
                for _ in range(times):
                    room_id, seq = next(places)
                    assert len(reader.reads(room_id, limit=PAGE, before=seq)["messages"]) == PAGE
                spent.setdefault((page, which), []).append((sum(map(cpu_of, pids)) - before, time.perf_counter() - began))
    return [_row(page, spent[page, 0], spent[page, 1], times) for page in pages]


def _row(page: str, small: list[tuple[float, float]], large: list[tuple[float, float]], times: int) -> Row:
    """The first round warms up; of the others the median: a job of the server falls into one or the other."""
    figures = []
    for rounds in (small, large):
        cpu, wall = (1000 * statistics.median(seconds) / times for seconds in zip(*rounds[1:], strict=True))
        figures.append({"cpu_ms": round(cpu, 2), "ms": round(wall, 2)})
    return {"page": page, "small": figures[0], "large": figures[1], "times": round(figures[1]["cpu_ms"] / figures[0]["cpu_ms"], 2)}


def _room(reader: Person, size: int) -> str:
    room_id, chatter = reader.make_room(f"Room of {size}"), Chatter()
    room, author = Room.find(id_from(room_id)), User.find(id_from(reader.id))
    fill(room, [author], [chatter.sentence() for _ in range(size)])
    return room_id
