"""What waits for whom is what somebody with pen and paper counts, whatever people do on however many devices."""

from __future__ import annotations

import asyncio

from tests.walk import Walk
from tests.world import World

DEEDS = 250  # `bin/bench walk` goes 2,000


def test_a_random_walk_of_five_people_over_three_devices_equals_a_naive_recount_at_every_step(world: World) -> None:
    done = asyncio.run(Walk(world, seed=7).go(DEEDS))
    assert sum(done.values()) == DEEDS
    assert min(done.values()) > 1, f"every deed was done, and more than once: {done}"
