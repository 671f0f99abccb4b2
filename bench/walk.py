"""Two thousand deeds of five people over three devices each, at every step compared with a naive recount.

    bin/bench walk --seed 7
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
import time
from pathlib import Path

from bench.search import own_database
from tests.conftest import SECRETS
from tests.servers import Server, free_port
from tests.walk import Walk
from tests.world import World


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument("--deeds", type=int, default=2_000)
    options.add_argument("--seed", type=int, default=7, help="the same seed is the same walk")


def run(wanted: argparse.Namespace) -> None:
    folder = Path(tempfile.mkdtemp(prefix="chat-bench-"))
    with own_database() as embedded:
        environment = {**SECRETS, "MONGO_URI": embedded.uri, "DATA_DIR": str(folder), "RATE_LIMITS": "off"}
        server = Server(free_port(), environment, folder / "log").start()
        try:
            started = time.monotonic()
            done = asyncio.run(Walk(World(server), wanted.seed).go(wanted.deeds))
            print(f"seed {wanted.seed}: {done}: no difference at any step ({time.monotonic() - started:.0f} s)", flush=True)
        finally:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)
