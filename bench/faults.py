"""The long form of the fault laboratory: every fault many times, 40 clients, 100 actions a second.

bin/bench faults --json figures.json
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from tests.faults import laboratory
from tests.faults.faults import chat_for
from tests.faults.laboratory import Report
from tests.faults.plan import Plan

TIMES = 20
PLAN = Plan(seed=1, clients=40, people=10, rate=100.0)
# (fault, how often, workers). `TIMES` is the promise; slow faults are repeated less often.
LONG_FORM: list[tuple[str, int, int]] = [
    ("worker killed", TIMES, 2),
    ("master killed", TIMES, 2),
    ("database killed", TIMES, 2),
    ("primary steps down", TIMES, 2),
    ("clock set", TIMES, 2),
    ("redis killed", TIMES, 2),
    ("redis away", 1, 2),
    ("database frozen", 3, 2),
    ("lines dead", 5, 2),
    ("client away", TIMES, 2),
    ("worker asked to go", 5, 2),
    ("chat asked to go", 5, 2),
    ("database killed", 5, 1),
    ("master killed", 5, 1),
]
HEADINGS = (
    "fault",
    "workers",
    "times",
    "acknowledged",
    "missing",
    "doubled",
    "inversions",
    "holes",
    "differing",
    "send back",
    "all back",
    "complete",
    "refused",
)


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=PLAN.seed)
    parser.add_argument("--times", type=int, default=TIMES, help="at most so often each")
    parser.add_argument("--only", action="append", help="a fault; may be given several times")
    parser.add_argument("--json", type=Path, help="a file for the figures")


def run(given: argparse.Namespace) -> None:
    """Run all faults. Exits with 1 when an entry was lost, doubled or out of order."""
    print(row(HEADINGS), flush=True)
    print(row("---" for _ in HEADINGS), flush=True)
    reports = []
    for fault, times, workers in LONG_FORM:
        if given.only and fault not in given.only:
            continue
        report = strike(fault, min(times, given.times), workers, given.seed)
        print(row(figures(fault, workers, report)), flush=True)
        reports.append({"fault": fault, "workers": workers, **report.as_dict()})
        for sentence in report.wrong() + report.late():
            print(f"  {fault}: {sentence[:500]}", file=sys.stderr)
        if given.json:
            given.json.write_text(json.dumps(reports, indent=1))
    if any(report["wrong"] for report in reports):
        sys.exit(1)


def strike(fault: str, times: int, workers: int, seed: int) -> Report:
    """Run one fault on a chat of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="chat-faults-") as folder,
        chat_for(Path(folder), workers, (fault,)) as chat,
    ):
        return laboratory.run(replace(PLAN, seed=seed, faults=(fault,) * times), chat)


def figures(fault: str, workers: int, report: Report) -> list[str]:
    counts, blows = report.verdict.counts(), report.blows
    return [
        fault,
        str(workers),
        str(len(blows)),
        str(report.acknowledged),
        *(str(counts[name]) for name in ("missing", "doubled", "inversions", "holes", "differing")),
        spread([blow.send_back for blow in blows]),
        spread([blow.everybody_back for blow in blows]),
        spread([blow.caught_up_back for blow in blows]),
        f"{report.slowest_refusal:.1f}" if report.refusals else "–",
    ]


def spread(seconds: list[float]) -> str:
    """Return `median / slowest`, in seconds."""
    ordered = sorted(seconds)
    return f"{ordered[math.ceil(len(ordered) / 2) - 1]:.1f} / {ordered[-1]:.1f}"


def row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
