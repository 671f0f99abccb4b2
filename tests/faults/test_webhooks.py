"""The short form of `bin/bench webhooks`: kills of what delivers, while four receivers listen."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.chat import Chat
from tests.faults.plan import Plan
from tests.faults.webhooks import EVERY_ONE, REFUSING, Receivers, Verdict, compare
from tests.helpers.webhook_receiver import NETWORK, Box, Received

KILLS = ("deliverer killed", "webhook program killed", "database killed")
PLAN = Plan(seed=1, clients=6, people=2, rate=10.0, faults=KILLS, every=0.8, calm=0.8)


def test_receivers_get_everything_once_at_least_and_in_order_whatever_is_killed(
    folder: Path,
) -> None:
    with (
        Chat(folder, WEBHOOK_NETWORKS=NETWORK) as chat,
        Receivers(chat, PLAN) as receivers,
    ):
        report = receivers.run()
        verdicts = {name: receivers.judge(name) for name in EVERY_ONE}
    assert report.wrong() == []
    for name in REFUSING:
        assert verdicts[name].missing, "nothing is delivered that nobody takes"
        verdicts[name].missing.clear()
    assert [sentence for verdict in verdicts.values() for sentence in verdict.wrong()] == []


# the comparison itself


def received(seq: int, status: int = 200, message_id: str = "") -> Received:
    data = {"event": "message:posted", "seq": seq, "message": {"id": message_id or f"m{seq}"}}
    return Received(f"msg_{seq}", {"data": data}, {}, status, at=float(seq))


LOG = [{"seq": seq, "event": "message:posted", "message": {"id": f"m{seq}"}} for seq in (1, 2, 3)]
ALL = [received(1, 500), received(1), received(2), received(2), received(3)]


def lose_one(got: list[Received]) -> None:
    del got[4]


def refuse_one(got: list[Received]) -> None:
    got[4] = received(3, 500)


def pass_one_over(got: list[Received]) -> None:
    got[1] = received(1, 500)
    got.append(received(1))


def swap_two(got: list[Received]) -> None:
    got[2:] = [received(3), received(2)]


def change_one(got: list[Received]) -> None:
    got[2] = received(2, message_id="m9")


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lose_one, "missing"),
        (refuse_one, "missing"),
        (pass_one_over, "disordered"),
        (swap_two, "disordered"),
        (change_one, "differing"),
    ],
)
def test_the_comparison_sees(spoil: Callable[[list[Received]], None], found: str) -> None:
    def wrong(got: list[Received]) -> set[str]:
        verdict = Verdict()
        compare(verdict, "alice's", LOG, Box("", received=got))
        return {name for name in ("missing", "disordered", "differing") if getattr(verdict, name)}

    got = copy.deepcopy(ALL)
    assert wrong(got) == set(), "nothing was wrong before"
    spoil(got)
    assert wrong(got) == {found}
