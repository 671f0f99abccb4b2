"""Lines that tell of the same share a row, on the server; line_runs.test.js: in the browser."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, get_template_attribute

from chat.routes.pages.line_runs import Run, gather
from chat.utils.clock import rfc3339
from tests.helpers.servers import ROOT

EXAMPLES = json.loads((ROOT / "tests/corpus/line_runs.json").read_text())
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def line_of(told: str) -> dict[str, Any]:
    """Return a LineView: `ada added:bob 3 60` is after entry 3, 60 s after noon."""
    actor, deed, seq, seconds = told.split()
    kind, _, user = deed.partition(":")
    return {
        "id": told,
        "seq": int(seq),
        "kind": kind,
        "created_at": rfc3339(NOON + timedelta(seconds=int(seconds))),
        "actor": {"id": actor},
        "user": {"id": user} if user else None,
        "text": "Ferries",
    }


def row_of(run: Run) -> str:
    by = [] if run.kind in ("joined", "left") else ["by", run.first["actor"]["id"]]
    named = [person["id"] for person in run.named]
    return " ".join([str(run.slot), run.form, *by, *named, f"+{run.rest}"])


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["why"])
def test_lines_that_tell_of_the_same_share_a_row(example: dict[str, Any]) -> None:
    runs = gather([line_of(told) for told in example["lines"]], example["seqs"])
    assert [row_of(run) for run in runs] == example["rows"]


def test_a_row_tells_when_the_last_of_its_lines_was(app: Flask) -> None:
    lines = [line_of("ada joined 1 0"), line_of("bob joined 1 1800")]
    for line in lines:
        line["actor"] |= {"display_name": line["actor"]["id"], "shows_username": False}
    (run,) = gather(lines, [1])
    with app.test_request_context():
        shown = get_template_attribute("rooms/_line.html", "line")("harbour", run, begins_day=False)
    assert rfc3339(NOON + timedelta(seconds=1800)) in shown.partition("room-line-body")[2]
