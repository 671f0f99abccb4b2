"""Measure streams: how long an entry takes to all listeners of a room, and what it costs.

bin/bench streams --listeners 1000
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from pathlib import Path
from urllib.parse import urlsplit

from bench.fan_out import cpu_of
from bench.own import own_database, own_world
from tests.helpers.servers import children_of
from tests.helpers.world import Person, World

OF_PERSON = 20  # streams of one person
PAUSE = 0.2  # seconds between two messages


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument("--listeners", type=int, default=1_000)
    options.add_argument("--messages", type=int, default=30)
    options.add_argument("--json", type=Path, help="write the figures there too")


def run(wanted: argparse.Namespace) -> None:
    with own_database() as embedded, own_world(embedded, RATE_LIMITS="on") as world:
        took, cpu = asyncio.run(_measure(world, wanted.listeners, wanted.messages))
    took.sort()
    figures = {
        "listeners": wanted.listeners,
        "last_delivery_median_ms": round(statistics.median(took), 1),
        "last_delivery_p95_ms": round(took[int(len(took) * 0.95)], 1),
        "cpu_microseconds_a_delivery": round(cpu, 1),
    }
    print(figures, flush=True)
    if wanted.json:
        wanted.json.write_text(json.dumps(figures, indent=2) + "\n")


async def _measure(world: World, listeners: int, messages: int) -> tuple[list[float], float]:
    """Return the ms until the last listener has each entry, and the CPU time of a delivery."""
    room_id = world.room()
    people = [Person(world, f"p{number}") for number in range(-(-listeners // OF_PERSON))]
    for person in people:
        person.join(room_id)
    heard = asyncio.Semaphore(0)
    readers = [
        await _listen(people[number // OF_PERSON], room_id, heard) for number in range(listeners)
    ]
    assert world.server.process
    processes = children_of(world.server.process.pid)
    took, before = [], sum(map(cpu_of, processes))
    for number in range(messages):
        began = time.perf_counter()
        await asyncio.to_thread(world.alice.say, room_id, f"number *{number}*")
        for _ in range(listeners):
            await heard.acquire()
        took.append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(PAUSE)
    cpu = (sum(map(cpu_of, processes)) - before) * 1e6 / (messages * listeners)
    for reader in readers:
        reader.cancel()
    return took, cpu


async def _listen(person: Person, room_id: str, heard: asyncio.Semaphore) -> asyncio.Task[None]:
    """Open a stream; each entry releases `heard`."""
    there = urlsplit(person.server.url)
    reader, writer = await asyncio.open_connection(there.hostname, there.port)
    writer.write(
        f"GET /api/v1/rooms/{room_id}/stream HTTP/1.1\r\nHost: {there.netloc}\r\n"
        f"Authorization: Bearer {person.access_token}\r\n\r\n".encode()
    )
    await reader.readuntil(b"retry: 2000\n\n")

    async def read() -> None:
        while await reader.readuntil(b"\ndata: "):
            heard.release()

    return asyncio.create_task(read())
