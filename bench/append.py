"""How many messages a room's log takes, with many entries in one insert and with one, on the product's indexes.

    bin/bench append
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from chat import create_app
from chat.models.database import database
from chat.models.document import new_id
from chat.models.embedded import EmbeddedDatabase
from chat.models.log import RoomLog, appending
from chat.models.message import Message
from chat.models.room import Room
from chat.models.user import User
from config import Settings, load_settings

WRITERS = 100
ROUNDS = 3        # of each, in turn, so that both meet the same machine


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--each", type=int, default=10, help="messages of each of the 100 writers in a round")


def run(given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="chat-append-") as folder:
        embedded = EmbeddedDatabase(Path(folder)).start()
        try:
            with create_app(_settings(folder), embedded.uri, embedded=True).app_context():
                print(json.dumps(_compare(given.each)))
        finally:
            database.close()
            embedded.stop()


def _compare(each: int) -> dict[str, float]:
    """Messages a second, the best round of each: whatever else the machine does only makes a round slower."""
    together, alone, batch = [], [], appending.BATCH
    for _ in range(ROUNDS):
        appending.BATCH = batch
        together.append(_appended_per_second(each))
        appending.BATCH = 1
        alone.append(_appended_per_second(each))
    return {"with": round(max(together), 1), "without": round(max(alone), 1), "times": round(max(together) / max(alone), 2)}


def _appended_per_second(each: int) -> float:
    room = Room.prepare("private", "x", "")
    room.open()
    writers = [User.register(f"writer-{new_id()}", "Writer", "") for _ in range(WRITERS)]

    def write(writer: User) -> None:
        for _ in range(each):
            Message.post(room.id, writer, os.urandom(8).hex(), "what somebody says in a sentence of some length " * 4)
    began = time.monotonic()
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, writers))
    seconds = time.monotonic() - began
    head = RoomLog(room.id).head().seq
    if head != WRITERS * each:
        raise SystemExit(f"the log has {head} entries, {WRITERS * each} were acknowledged")
    return head / seconds


def _settings(folder: str) -> Settings:
    os.environ["DATA_DIR"] = folder
    for name in ("MONGO_URI", "REDIS_URL", "WORKERS"):
        os.environ.pop(name, None)
    return replace(load_settings(dotenv=None), rate_limits=False)
