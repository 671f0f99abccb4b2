"""Measure how fast search is, whether it agrees with an oracle, and what it costs the senders.

Makes its own world on an embedded database of its own and throws it away.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import socketio

from bench.own import SERVE, SERVE_WITHOUT_INDEXING, own_database, own_world
from chat.models.database import database
from chat.models.search import indexer
from chat.models.search.message_search import search_messages
from chat.models.search.query import parse
from chat.server.embedded_database import EmbeddedDatabase
from tests.helpers.chatter import Chatter, fill
from tests.helpers.oracle import check_against_oracle
from tests.helpers.rooms import make_room

ROUNDS = 60  # searches of a kind
SENDERS = 8


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument(
        "--messages", type=int, default=200_000, help="to search in; 0: leave it out"
    )
    options.add_argument(
        "--oracle", type=int, default=20_000, help="messages to be compared with a plaintext oracle"
    )
    options.add_argument(
        "--sends", type=float, default=20, help="seconds of sending as fast as possible, four times"
    )


def run(wanted: argparse.Namespace) -> None:
    with own_database() as embedded:
        if wanted.oracle:
            started = time.perf_counter()
            told = check_against_oracle(wanted.oracle, questions=300)
            print(
                f"oracle over {wanted.oracle} messages: {told} "
                f"({time.perf_counter() - started:.0f} s)",
                flush=True,
            )
        if wanted.messages:
            measure_searches(wanted.messages)
        if wanted.sends:
            for title, command in (
                ("without indexing", SERVE_WITHOUT_INDEXING),
                ("with indexing", SERVE),
            ) * 2:
                print(
                    f"sends, {title}: "
                    f"{measure_sends(embedded, command, wanted.sends):.0f} a second",
                    flush=True,
                )


def measure_searches(count: int) -> None:
    """Measure searches with half of the messages in one room, and the rest in ten rooms.

    `heliotrope` is in one message of a hundred, `quincunx` in five messages.
    """
    dice, chatter = random.Random(1), Chatter(words=20_000)
    rooms = [make_room("alice", "bob") for _ in range(11)]
    started = time.perf_counter()
    for number, (room, people) in enumerate(rooms):
        share = count // 2 if number == 0 else count // 20
        bodies = [
            chatter.sentence() + (" heliotrope" if dice.random() < 0.01 else "")
            for _ in range(share)
        ]
        if number < 5:
            bodies[share // 2] += " quincunx"
        fill(room, list(people.values()), bodies)
    print(f"{count} messages made in {time.perf_counter() - started:.0f} s", flush=True)
    started, used = time.perf_counter(), time.process_time()
    for room, _ in rooms:
        for _ in indexer.index(room.id):
            pass
    took, used = time.perf_counter() - started, time.process_time() - used
    size = sum(len(record["sealed"]) for record in database["postings"].find({}, {"sealed": 1}))
    each = f"{1e6 * used / count:.0f} µs of CPU and {size / count:.0f} bytes a message"
    print(f"indexed in {took:.0f} s, {count / took:.0f} a second, {each}", flush=True)
    ids = [room.id for room, _ in rooms]
    for title, q in QUESTIONS.items():
        tell(
            title,
            [timed(ids, q.replace("RARE", chatter.words["latin"][-1 - n])) for n in range(ROUNDS)],
        )
    tell("one word of 1 %, one room", [timed(ids[:1], "heliotrope") for _ in range(ROUNDS)])


QUESTIONS = {
    "a word of 1 %": "heliotrope",
    "its beginning": "heli",
    "a word in five messages": "quincunx",
    "a word that is nowhere": "zzzzzz",
    "a rare word, another each time": "RARE",
    "two words": "heliotrope 42",
    "a phrase": '"heliotrope quincunx"',
    "an image": "has:image",
}


def timed(room_ids: list[Any], q: str) -> float:
    started = time.perf_counter()
    search_messages(parse(q), room_ids, None, before=None, limit=20)
    return 1000 * (time.perf_counter() - started)


def tell(title: str, times: list[float]) -> None:
    times.sort()
    print(
        f"{title}: median {statistics.median(times):.0f} ms, "
        f"p95 {times[int(len(times) * 0.95)]:.0f} ms",
        flush=True,
    )


def measure_sends(embedded: EmbeddedDatabase, command: Sequence[str], seconds: float) -> float:
    """Return the acknowledged sends a second of a few people in one room of a real server."""
    with own_world(embedded, command) as world:
        room_id, chatter = world.room(), Chatter()
        clients: list[socketio.Client] = [world.alice.listen().client for _ in range(SENDERS)]
        end = time.monotonic() + seconds

        def send(number: int) -> int:
            sent = 0
            while time.monotonic() < end:
                body = {
                    "room_id": room_id,
                    "client_id": f"{number}-{sent}",
                    "body": chatter.sentence(),
                }
                assert clients[number].call("message:send", body, timeout=30)["ok"]
                sent += 1
            return sent

        with ThreadPoolExecutor(SENDERS) as pool:
            sent = sum(pool.map(send, range(SENDERS)))
        world.hang_up()
        return sent / seconds
