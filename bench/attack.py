"""Measure how long others wait while one account or address attacks a route or an event.

    bin/bench attack [--only search] [--seconds 6]

Limits are on, as in real use. bench/attacks.py has the attacks. Fails when the 99th percentile of
a bystander's sends is over MOST.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import subprocess
import sys
import time
from asyncio.subprocess import Process
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import orjson
from flask import current_app

from bench.attacks import Attack, attacks
from bench.own import own_database, own_world
from tests.faults.sockets import Socket
from tests.helpers.servers import tree_of
from tests.helpers.world import Person, World

MOST = 200  # ms: a bystander's send, of 99 in 100
# A second, by four people: three seconds have over 100, so the 99th percentile is not the slowest.
SENDS = 40
CONNECTIONS = 16
SETTLE_SECONDS = 1.0  # between two attacks
MEMORY_SECONDS = 10.0  # between the last attack and the measurement of memory


@dataclass
class Outcome:
    name: str
    answers: Counter[str]
    waits: list[float]  # milliseconds
    refused: int  # of the bystanders' sends
    memory: int  # bytes, right after
    disk: int  # bytes more than before

    @property
    def p99(self) -> float:
        return sorted(self.waits)[int(len(self.waits) * 0.99)] if self.waits else float("inf")


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument("--seconds", type=float, default=6.0, help="how long each attack lasts")
    options.add_argument(
        "--only",
        default="",
        help="attacks whose name has one of these in it, with commas between them",
    )
    options.add_argument("--json", type=Path, help="write the figures there too")


def run(wanted: argparse.Namespace) -> None:
    with own_database() as embedded, own_world(embedded, RATE_LIMITS="on") as world:
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        parts = wanted.only.split(",")
        chosen = [
            attack for attack in attacks(app, world) if any(part in attack.name for part in parts)
        ]
        outcomes, memory = asyncio.run(_play(world, chosen, wanted.seconds, embedded.store))
    for outcome in sorted(outcomes, key=lambda outcome: -outcome.p99)[:10]:
        print(f"slowest: {outcome.name}: p99 {outcome.p99:.0f} ms")
    print(
        f"memory: {memory[0] / 2**20:.0f} MB before, {memory[1] / 2**20:.0f} MB after", flush=True
    )
    if wanted.json:
        wanted.json.write_text(
            json.dumps([vars(each) | {"p99": each.p99} for each in outcomes], indent=1) + "\n"
        )
    if late := [outcome.name for outcome in outcomes if outcome.p99 > MOST or outcome.refused]:
        raise SystemExit(
            f"a bystander waited longer than {MOST} ms, or was refused, beside: {', '.join(late)}"
        )


async def _play(
    world: World, chosen: list[Attack], seconds: float, store: Path
) -> tuple[list[Outcome], tuple[int, int]]:
    attacker = await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "bench.hammer",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    bystanders = await _Bystanders.come(world)
    await bystanders.talk(2.0)
    calm, refused = await bystanders.talk(seconds)
    before = _memory(world)
    outcomes = [Outcome("nobody attacks", Counter(), calm, refused, before, 0)]
    _show(outcomes[0])
    for attack in chosen:
        disk, hammering = (
            _size(store),
            asyncio.create_task(_hammer(attacker, world, attack, seconds)),
        )
        waits, refused = await bystanders.talk(seconds)
        answers = await hammering
        outcomes.append(
            Outcome(attack.name, answers, waits, refused, _memory(world), _size(store) - disk)
        )
        _show(outcomes[-1])
        await bystanders.talk(SETTLE_SECONDS)
    await bystanders.talk(MEMORY_SECONDS)
    attacker.kill()
    await attacker.wait()
    return outcomes, (before, _memory(world))


class _Bystanders:
    """Four people who talk in a room of their own."""

    def __init__(self, room_id: str, sockets: list[Socket]):
        self._room_id = room_id
        self._sockets = sockets
        self._listening = [asyncio.create_task(socket.listen()) for socket in sockets]
        self._number = 0

    @classmethod
    async def come(cls, world: World) -> _Bystanders:
        dave, room_id = Person(world, "dave"), world.room()
        dave.join(room_id)
        people = (world.alice, world.bob, world.carol, dave)
        sockets = [
            await Socket.open(world.server.url, who.access_token, lambda *_: None) for who in people
        ]
        return cls(room_id, sockets)

    async def talk(self, seconds: float) -> tuple[list[float], int]:
        """Return each send's milliseconds from when it was due, and the number of refusals."""
        began, waits, refused = time.perf_counter(), list[float](), 0

        async def send(number: int) -> None:
            nonlocal refused
            due = began + number / SENDS
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self._number += 1
            payload = {
                "room_id": self._room_id,
                "client_id": f"c{self._number}",
                "body": f"hello {number}",
            }
            answer = await self._sockets[number % len(self._sockets)].call(
                "message:send", payload, 30
            )
            waits.append(1000 * (time.perf_counter() - due))
            refused += not answer["ok"]

        await asyncio.gather(*(send(number) for number in range(int(seconds * SENDS))))
        return waits, refused


async def _hammer(attacker: Process, world: World, attack: Attack, seconds: float) -> Counter[str]:
    blows = {
        "port": world.server.port,
        "seconds": seconds,
        "connections": CONNECTIONS,
        "request": base64.b64encode(attack.request).decode(),
        "event": attack.event,
        "payload": attack.payload,
        "token": attack.token,
        "address": attack.address,
    }
    if attack.event:
        blows["connections"] = CONNECTIONS // 4
    assert attacker.stdin
    assert attacker.stdout
    attacker.stdin.write(orjson.dumps(blows) + b"\n")
    return Counter(orjson.loads(await attacker.stdout.readline()))


def _show(outcome: Outcome) -> None:
    waits = sorted(outcome.waits)
    answers = " ".join(f"{status}:{count}" for status, count in outcome.answers.most_common())
    print(
        f"{outcome.name:52} p50 {waits[len(waits) // 2]:6.1f}  p99 {outcome.p99:7.1f} ms"
        f"  refused {outcome.refused}"
        f"  {outcome.memory / 2**20:5.0f} MB  disk +{outcome.disk / 2**20:.1f} MB  {answers}",
        flush=True,
    )


def _memory(world: World) -> int:
    assert world.server.process
    pages = (
        Path(f"/proc/{pid}/statm").read_text().split()[1]
        for pid in tree_of(world.server.process.pid)
    )
    return sum(map(int, pages)) * 4096


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
