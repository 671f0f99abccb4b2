"""Measure how much disk and memory a byte of accepted text takes: of usual and of hostile text.

The database is an embedded one of its own, and the search index is complete. Disk is the growth
of the log, of the database's own log of writes and of the index. Memory is the growth of the
chat's process.
"""

from __future__ import annotations

import argparse
import gc
import random
from collections.abc import Callable
from pathlib import Path

from bench.own import own_database
from chat.models.database import database
from chat.models.message import Message
from chat.models.search import indexer
from tests.helpers.chatter import Chatter
from tests.helpers.rooms import make_room

LONGEST = 8_000  # characters
CHATTER = Chatter()


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument("--messages", type=int, default=300, help="of each kind")


def run(wanted: argparse.Namespace) -> None:
    with own_database() as embedded:
        for name, make in KINDS.items():
            print(f"{name:34} {measure(embedded.store, make, wanted.messages)}", flush=True)


def measure(folder: Path, make: Callable[[random.Random, str], str], count: int) -> str:
    dice, (room, people) = random.Random(1), make_room("alice", "bob")
    alice, bodies = people["alice"], list[str]()
    Message.post(room.id, alice, "first", "tea")
    database["meta"].database.client.admin.command("fsync")
    before, memory = size_of(folder), memory_now()
    for number in range(count):
        bodies.append(make(dice, people["bob"].username)[:LONGEST].strip())
        Message.post(room.id, alice, f"c{number}", bodies[-1])
    for _ in indexer.index(room.id):
        pass
    Message.page(room.id, limit=200)
    database["meta"].database.client.admin.command("fsync")
    gc.collect()
    accepted = sum(len(body.encode()) for body in bodies)
    kept = sum(
        len(record["text"])
        for record in database["log"].find({"room_id": room.id}, {"text": 1})
        if "text" in record
    )
    index = sum(
        len(record["sealed"])
        for record in database["postings"].find({"room_id": room.id}, {"sealed": 1})
    )
    grown = size_of(folder) - before
    return (
        f"{accepted / count:7.0f} bytes a message; "
        f"for each: log {kept / accepted:5.2f}, index {index / accepted:5.2f}, "
        f"disk {grown / accepted:6.2f}, memory {max(0, memory_now() - memory) / accepted:5.2f}"
    )


def size_of(folder: Path) -> int:
    """Return the bytes on the disk without the journal.

    The journal has the same size whatever is written, and the database begins it anew every
    minute.
    """
    return sum(
        512 * file.stat().st_blocks
        for file in folder.rglob("*")
        if "WiredTigerLog" not in file.name and "Prep" not in file.name
    )


def memory_now() -> int:
    return 4096 * int(Path("/proc/self/statm").read_text().split()[1])


def _distinct(dice: random.Random, _: str) -> str:
    return "".join(chr(dice.randrange(0x4E00, 0x9FFF)) for _ in range(LONGEST))


KINDS: dict[str, Callable[[random.Random, str], str]] = {
    "sentences": lambda *_: CHATTER.sentence(),
    "pages of usual words": lambda *_: " ".join(CHATTER.sentence() for _ in range(150)),
    "ampersands": lambda *_: "&" * LONGEST,
    "mentions": lambda _, bob: f"@{bob} " * LONGEST,
    "names of nobody": lambda *_: "@z " * LONGEST,
    "emphasis": lambda *_: "*a* " * LONGEST,
    "links": lambda *_: "http://a.bc " * LONGEST,
    "code in colours": lambda *_: "```py\n" + "(a,b)=[1];" * 190 + "\n```",
    "random words": lambda dice, _: "".join(
        dice.choices("abcdefghijklmnopqrstuvwxyz    ", k=LONGEST)
    ),
    "random signs of Han": _distinct,
    "emoji": lambda dice, _: "".join(dice.choices("😀😃😄😁😆😅😂🤣", k=LONGEST)),
}
