"""Measure how many messages a second a room's log takes: in batches, and one insert a message.

    bin/bench append [--workers 2]

The writers are greenlets of worker processes, as in the chat, without a server around them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time

from bench.own import own_database
from chat.models.document import Id, new_id
from chat.models.log import RoomLog
from chat.models.log.appending import BATCH
from chat.models.room import Room
from chat.models.user import User
from tests.helpers.servers import ROOT

WRITERS = 100
ROUNDS = 3  # of each, in turn, so that both meet the same machine


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--each", type=int, default=20, help="messages of each of the 100 writers in a round"
    )
    parser.add_argument(
        "--workers", type=int, default=1, help="processes that the writers are spread over"
    )


def run(given: argparse.Namespace) -> None:
    with own_database():
        print(json.dumps(_compare(given.workers, given.each)))


def _compare(workers: int, each: int) -> dict[str, float]:
    """Return messages a second, of the best round each: other load only makes a round slower."""
    together, alone = [], []
    for _ in range(ROUNDS):
        together.append(_appended_per_second(workers, each, BATCH))
        alone.append(_appended_per_second(workers, each, 1))
    return {
        "with": round(max(together), 1),
        "without": round(max(alone), 1),
        "times": round(max(together) / max(alone), 2),
    }


def _appended_per_second(workers: int, each: int, batch: int) -> float:
    room = Room.prepare("private", "x", "")
    room.open()
    writers = [User.register(f"writer-{new_id()}", "Writer", "").id for _ in range(WRITERS)]
    processes = [
        _worker(room.id, each, batch, writers[number::workers]) for number in range(workers)
    ]
    for process in processes:
        _line(process)
    began = time.monotonic()
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _line(process)
    seconds = time.monotonic() - began
    for process in processes:
        process.communicate()
    head = RoomLog(room.id).head().seq
    if head != WRITERS * each:
        raise SystemExit(f"the log has {head} entries, {WRITERS * each} were acknowledged")
    return head / seconds


def _worker(room_id: Id, each: int, batch: int, writers: list[Id]) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "bench.writers",
        str(room_id),
        str(each),
        str(batch),
        *map(str, writers),
    ]
    return subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _line(process: subprocess.Popen[str]) -> None:
    """Read the next line that a worker prints."""
    if not (process.stdout and process.stdout.readline()):
        raise SystemExit("a worker died")
