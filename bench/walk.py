"""Do 2,000 actions of five people with three devices each; compare every step with a naive recount.

bin/bench walk --seed 7
"""

from __future__ import annotations

import argparse
import asyncio
import time

from bench.own import own_database, own_world
from tests.helpers.walk import Walk


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument("--actions", type=int, default=2_000)
    options.add_argument("--seed", type=int, default=7, help="the same seed is the same walk")


def run(wanted: argparse.Namespace) -> None:
    with own_database() as embedded, own_world(embedded) as world:
        started = time.monotonic()
        done = asyncio.run(Walk(world, wanted.seed).go(wanted.actions))
        print(
            f"seed {wanted.seed}: {done}: no difference at any step "
            f"({time.monotonic() - started:.0f} s)",
            flush=True,
        )
