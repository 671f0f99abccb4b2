"""Compare the cost in a small room with that in a large one: measure rounds, print, and judge."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

Rounds = list[
    tuple[float, list[float]]
]  # of each: seconds of CPU in all, and ms that each time took
Row = dict[str, Any]


def row(what: str, small: Rounds, large: Rounds, times: int) -> Row:
    """Return the medians of a measurement and their ratio; the first round only warms up.

    The median leaves out a round into which a job of the server fell.
    """
    figures = [
        {
            "cpu_ms": round(statistics.median(1000 * cpu / times for cpu, _ in rounds[1:]), 2),
            "ms": round(statistics.median(rounds[-1][1]), 2),
        }
        for rounds in (small, large)
    ]
    return {
        "what": what,
        "small": figures[0],
        "large": figures[1],
        "times": round(figures[1]["cpu_ms"] / figures[0]["cpu_ms"], 2),
    }


def tell(rows: list[Row], most: float, file: Path | None) -> None:
    """Print a table and write the figures to the file.

    Ends with an error where the large room costs more than `most` times as much as the small one.
    """
    print(
        f"\n{'':18}{'small: CPU ms':>14}{'ms':>8}"
        f"{'large: CPU ms':>16}{'ms':>8}{'times the CPU':>16}"
    )
    for told in rows:
        small, large = told["small"], told["large"]
        print(
            f"{told['what']:18}{small['cpu_ms']:14.1f}{small['ms']:8.1f}{large['cpu_ms']:16.1f}{large['ms']:8.1f}{told['times']:16.2f}"
        )
    if file:
        file.write_text(json.dumps(rows, indent=2) + "\n")
    if dear := [told["what"] for told in rows if told["times"] > most]:
        raise SystemExit(
            f"in the large room these cost more than {most} times as much: {', '.join(dear)}"
        )
