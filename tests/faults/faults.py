"""The table of faults that the laboratory inflicts on the chat.

Each function returns when the fault is repaired, as far as a repair is ours.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Container
from dataclasses import dataclass
from pathlib import Path

from tests.faults.chat import Chat
from tests.faults.clients import Client
from tests.faults.proxy import Proxy

FROZEN_SECONDS = 6.0
REDIS_AWAY_SECONDS = 60.0
AWAY_SECONDS = 1.0
ELECTION_SECONDS = 2
CLOCK_SECONDS = 240


@dataclass
class Scene:
    """What a fault may break. `pick` (0 to 1) chooses among several victims."""

    chat: Chat
    clients: list[Client]
    proxy: Proxy
    pick: float
    slowest_up: float | None = None  # seconds, where the fault watches it


async def worker(scene: Scene) -> float:
    return _now(lambda: scene.chat.kill_worker(scene.pick))


async def worker_is_asked_to_go(scene: Scene) -> float:
    return _now(lambda: scene.chat.kill_worker(scene.pick, signal.SIGTERM))


async def master(scene: Scene) -> float:
    await asyncio.to_thread(scene.chat.kill_master)
    return await _start_again(scene)


async def chat_is_asked_to_go(scene: Scene) -> float:
    status = await asyncio.to_thread(scene.chat.server.stop)
    assert status == 0
    return await _start_again(scene)


async def database(scene: Scene) -> float:
    return _now(scene.chat.kill_database)


async def deliverer(scene: Scene) -> float:
    await asyncio.to_thread(scene.chat.kill_deliverer)
    return time.monotonic()


async def webhook_program(scene: Scene) -> float:
    await asyncio.to_thread(scene.chat.kill_webhook_program)
    return time.monotonic()


async def database_frozen(scene: Scene) -> float:
    pid = scene.chat.database_pid
    os.kill(pid, signal.SIGSTOP)
    try:
        scene.slowest_up = await asyncio.to_thread(scene.chat.slowest_up, FROZEN_SECONDS)
    finally:
        os.kill(pid, signal.SIGCONT)
    return time.monotonic()


async def primary_steps_down(scene: Scene) -> float:
    await asyncio.to_thread(scene.chat.step_down, ELECTION_SECONDS)
    return time.monotonic()


async def clock_set(scene: Scene) -> float:
    """Set the clock back and forward in turn, within the tolerance of tokens."""
    assert scene.chat.clock
    scene.chat.clock.set(round((scene.pick - 0.5) * 2 * CLOCK_SECONDS))
    await asyncio.sleep(1)  # until they notice
    return time.monotonic()


async def redis(scene: Scene) -> float:
    assert scene.chat.redis
    scene.chat.redis.kill()
    await asyncio.to_thread(scene.chat.redis.start)
    return time.monotonic()


async def redis_away(scene: Scene) -> float:
    assert scene.chat.redis
    scene.chat.redis.kill()
    await asyncio.sleep(REDIS_AWAY_SECONDS)
    await asyncio.to_thread(scene.chat.redis.start)
    return time.monotonic()


async def lines_dead(scene: Scene) -> float:
    return _now(scene.proxy.go_dead)


async def client_away(scene: Scene) -> float:
    client = scene.clients[int(scene.pick * len(scene.clients))]
    client.go_away()
    await asyncio.sleep(AWAY_SECONDS)
    client.come_back()
    return time.monotonic()


# name -> fault. The fault returns the time at which the chat's recovery by itself begins.
FAULTS: dict[str, Callable[[Scene], Awaitable[float]]] = {
    "worker killed": worker,
    "worker asked to go": worker_is_asked_to_go,
    "master killed": master,
    "chat asked to go": chat_is_asked_to_go,
    "database killed": database,
    "deliverer killed": deliverer,
    "webhook program killed": webhook_program,
    "database frozen": database_frozen,
    "primary steps down": primary_steps_down,
    "clock set": clock_set,
    "redis killed": redis,
    "redis away": redis_away,
    "lines dead": lines_dead,
    "client away": client_away,
}


def chat_for(folder: Path, workers: int, faults: Container[str]) -> Chat:
    """Return a chat that can suffer all of these faults."""
    return Chat(
        folder, workers, elections="primary steps down" in faults, own_clock="clock set" in faults
    )


def _now(happens: Callable[[], object]) -> float:
    happens()
    return time.monotonic()


async def _start_again(scene: Scene) -> float:
    moment = time.monotonic()
    await asyncio.to_thread(scene.chat.start_again)
    return moment
