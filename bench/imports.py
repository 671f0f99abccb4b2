"""Measure the import of a Slack export: messages a second, memory, and that all of it came over.

People and channels are invented; some messages answer others, have reactions, or a picture.
"""

from __future__ import annotations

import argparse
import json
import random
import zipfile
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.backups import bin_chat
from bench.own import own_database, own_folder
from tests.helpers.chatter import Chatter
from tests.helpers.pictures import gradient, written

BEGAN = 1_500_000_000.0  # seconds since 1970
APART = 60.0  # seconds between two messages
REACTIONS = ("tada", "+1", "eyes", "heart")


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument("--messages", type=int, default=50_000)
    options.add_argument("--people", type=int, default=60)
    options.add_argument("--channels", type=int, default=30)
    options.add_argument("--pictures", type=int, default=100)


def run(given: argparse.Namespace) -> None:
    """Exits with 1 when a message is missing, or a repeat makes something."""
    with own_database() as embedded, own_folder() as folder:
        file = folder / "slack.zip"
        write_export(file, given)
        print(f"{given.messages:,} messages in {file.stat().st_size / 1e6:.1f} MB", flush=True)
        for name, options in (("dry run", ("--dry-run",)), ("import", ()), ("repeat", ())):
            done = bin_chat(embedded.uri, "import", "slack", str(file), *options)
            rate = given.messages / done.seconds
            print(f"{name:8} {done.seconds:7.1f} s {rate:8.0f} messages/s {done.memory:6.0f} MB")
            print(f"         {json.dumps(done.answer['made'])}", flush=True)
            made: dict[str, int] = dict(done.answer["made"])  # type: ignore[call-overload]
            if made.get("messages", 0) != (0 if name == "repeat" else given.messages):
                raise SystemExit("the numbers of messages differ")
        verified = bin_chat(embedded.uri, "verify")
        print(f"verify   {verified.seconds:7.1f} s, {verified.answer['problems']} problems")


def write_export(file: Path, given: argparse.Namespace) -> None:
    """Write an export of Slack, as large as the options say."""
    dice, chatter = random.Random(1), Chatter()
    people = [f"U{number:08}" for number in range(given.people)]
    days: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        users = [
            {"id": key, "team_id": "T1", "name": f"person{key[1:]}", "real_name": f"Person {key}"}
            for key in people
        ]
        channels = [
            {"id": f"C{number:08}", "name": f"channel-{number}", "members": people}
            for number in range(given.channels)
        ]
        archive.writestr("users.json", json.dumps(users))
        archive.writestr("channels.json", json.dumps(channels))
        for number in range(given.messages):
            ts = f"{BEGAN + APART * number:.6f}"
            message: dict[str, Any] = {"user": dice.choice(people), "ts": ts}
            message["text"] = chatter.sentence()
            if number % 10 == 0:
                message["text"] += f" <@{dice.choice(people)}>"
            if number % 8 == 0:
                who = dice.sample(people, 2)
                message["reactions"] = [{"name": dice.choice(REACTIONS), "users": who}]
            day = datetime.fromtimestamp(float(ts), UTC).strftime("%Y-%m-%d")
            thread = days[f"channel-{number % given.channels}/{day}.json"]
            if thread and number % 5 == 0:
                message["thread_ts"] = thread[0]["ts"]
            if number % max(1, given.messages // given.pictures) == 0:
                key = f"F{number}"
                archive.writestr(f"__uploads/{key}/a.png", written(gradient(), "PNG"))
                message["files"] = [{"id": key, "name": "a.png", "mimetype": "image/png"}]
            thread.append(message)
        for name, messages in days.items():
            archive.writestr(name, json.dumps(messages))
