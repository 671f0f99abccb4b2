"""Measure how long a change takes to every device: a send, edit, reaction, pin and deletion.

bin/bench live
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from pathlib import Path

from bench.own import own_database, own_world
from tests.helpers.walk import SECONDS, Device
from tests.helpers.world import World

DEVICES = 5  # of each of three people
PAUSE = 0.001  # seconds between two checks of the received events
MOST = 200  # ms, 95th percentile


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument("--times", type=int, default=100, help="each action")
    options.add_argument("--json", type=Path, help="write the figures there too")


def run(wanted: argparse.Namespace) -> None:
    with own_database() as embedded, own_world(embedded) as world:
        took = asyncio.run(_measure(world, wanted.times))
    figures = {
        event: {
            "median_ms": round(statistics.median(times), 1),
            "p95_ms": round(sorted(times)[int(len(times) * 0.95)], 1),
        }
        for event, times in took.items()
    }
    for event, figure in figures.items():
        print(
            f"{event:16} median {figure['median_ms']:6.1f} ms, p95 {figure['p95_ms']:6.1f} ms",
            flush=True,
        )
    if wanted.json:
        wanted.json.write_text(json.dumps(figures, indent=2) + "\n")
    if late := [event for event, figure in figures.items() if figure["p95_ms"] > MOST]:
        raise SystemExit(f"heard after more than {MOST} ms: {', '.join(late)}")


async def _measure(world: World, times: int) -> dict[str, list[float]]:
    room_id = world.room()
    devices = [
        Device(person.second_device())
        for person in (world.alice, world.bob, world.carol)
        for _ in range(DEVICES)
    ]
    await asyncio.gather(*(device.come() for device in devices))
    carols, heads, took = devices[-1], 0, dict[str, list[float]]()
    for number in range(times):
        message_id = ""
        for event, payload in (
            (
                "message:send",
                {"room_id": room_id, "client_id": f"c{number}", "body": f"number *{number}*"},
            ),
            ("message:edit", {"body": f"number **{number}**"}),
            ("message:react", {"emoji": "👍", "on": True}),
            ("message:pin", {"on": True}),
            ("message:delete", {}),
        ):
            began, heads = time.perf_counter(), heads + 1
            assert carols.socket
            answer = await carols.socket.call(
                event, payload | ({"id": message_id} if message_id else {}), SECONDS
            )
            while any(len(device.places[room_id]) < heads for device in devices):
                await asyncio.sleep(PAUSE)
            took.setdefault(event, []).append(1000 * (time.perf_counter() - began))
            message_id = answer["message"]["id"]
    await asyncio.gather(*(device.go() for device in devices))
    return took
