"""Unread counts equal a naive recount, whatever people do on however many devices."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from tests.helpers.walk import Walk
from tests.helpers.world import World

ACTIONS = 250  # `bin/bench walk` goes 2,000


def test_a_random_walk_of_five_people_over_three_devices_equals_a_naive_recount_at_every_step(
    world: World,
) -> None:
    with (
        ThreadPoolExecutor(1) as pool
    ):  # a thread of its own: where browsers were driven before, this one has a loop already
        done = pool.submit(asyncio.run, Walk(world, seed=7).go(ACTIONS)).result()
    assert sum(done.values()) == ACTIONS
    assert min(done.values()) > 1, f"every action was done, and more than once: {done}"
