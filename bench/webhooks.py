"""Kill what delivers webhooks while people write; compare what came with the rooms' logs.

bin/bench webhooks --times 20

Four receivers get every entry of every room: one answers at once, one after seconds, one with 500,
and one hangs up. The delay of the first one is measured alone, beside the others, and after each
kill, without the seconds in which the database was away. At the end the clock moves by a day.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from bisect import bisect
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bench.faults import row
from tests.faults.chat import Chat
from tests.faults.laboratory import Blow
from tests.faults.plan import Plan
from tests.faults.webhooks import EVERY_ONE, GOOD, Delay, Receivers, Verdict
from tests.helpers.webhook_receiver import NETWORK

TIMES = 20
PLAN = Plan(seed=1, clients=8, people=4, rate=10.0, calm=10.0)
DATABASE = "database killed"
KILLS = ("deliverer killed", "webhook program killed", DATABASE)
COUNTS = ("missing", "disordered", "differing", "unsigned")


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=PLAN.seed)
    parser.add_argument("--times", type=int, default=TIMES, help="each kill")
    parser.add_argument("--rate", type=float, default=PLAN.rate, help="actions a second")
    parser.add_argument("--json", type=Path, help="a file for the figures")


def run(given: argparse.Namespace) -> None:
    """Kill each part so often. Exits with 1 when a promise about webhooks did not hold."""
    plan = replace(PLAN, seed=given.seed, rate=given.rate)
    with (
        tempfile.TemporaryDirectory(prefix="chat-webhooks-") as folder,
        Chat(Path(folder), WEBHOOK_NETWORKS=NETWORK) as chat,
    ):
        delays = {"alone": _calm(chat, plan, (GOOD,)), "beside the others": _calm(chat, plan)}
        with Receivers(chat, replace(plan, faults=KILLS * given.times)) as receivers:
            report = receivers.run()
            delays |= by_kill(receivers.delays(GOOD), report.blows)
            wrong = report.wrong() + receivers.a_day_later()
            verdicts = {name: receivers.judge(name) for name in EVERY_ONE}
    wrong += [sentence for verdict in verdicts.values() for sentence in verdict.wrong()]
    _print(verdicts, delays)
    for sentence in wrong:
        print(sentence[:500], file=sys.stderr)
    if given.json:
        figures = {
            "receivers": {name: asdict(verdict) for name, verdict in verdicts.items()},
            "delays": {name: spread(seconds) for name, seconds in delays.items() if seconds},
            "wrong": wrong,
        }
        given.json.write_text(json.dumps(figures, indent=1))
    if wrong:
        sys.exit(1)


def _calm(chat: Chat, plan: Plan, names: Sequence[str] = EVERY_ONE) -> list[float]:
    """Return the good receiver's delays while nothing is killed."""
    with Receivers(chat, plan, names) as receivers:
        receivers.run()
        return [each.came_at - each.written_at for each in receivers.delays(GOOD)]


def by_kill(delays: list[Delay], blows: list[Blow]) -> dict[str, list[float]]:
    """Return the delays of what came after each kind of kill, and before the next one."""
    away = [
        (blow.struck_at, blow.healed_at + blow.send_back)
        for blow in blows
        if blow.fault == DATABASE
    ]
    found: dict[str, list[float]] = {fault: [] for fault in KILLS}
    for each in delays:
        if last := bisect([blow.struck_at for blow in blows], each.came_at):
            seconds = each.came_at - each.written_at
            for began, ended in away:
                seconds -= max(0.0, min(ended, each.came_at) - max(began, each.written_at))
            found[blows[last - 1].fault].append(seconds)
    return found


def _print(verdicts: dict[str, Verdict], delays: dict[str, list[float]]) -> None:
    _table(
        ("receiver", "entries", "requests", "again", *COUNTS),
        [
            (
                name,
                each.entries,
                each.requests,
                each.again,
                *(len(getattr(each, count)) for count in COUNTS),
            )
            for name, each in verdicts.items()
        ],
    )
    _table(
        ("delay of the good one", "entries", "median", "p95", "longest"),
        [(name, *spread(seconds).values()) for name, seconds in delays.items() if seconds],
    )


def _table(headings: Sequence[str], rows: list[Sequence[Any]]) -> None:
    for cells in (headings, ["---"] * len(headings), *rows):
        print(row(map(str, cells)), flush=True)


def spread(seconds: list[float]) -> dict[str, float]:
    """Return the number of delays, their median, 95th percentile and maximum, in seconds."""
    ordered = sorted(seconds)

    def at(part: float) -> float:
        return round(ordered[math.ceil(len(ordered) * part) - 1], 2)

    return {"entries": len(ordered), "median": at(0.5), "p95": at(0.95), "longest": at(1)}
