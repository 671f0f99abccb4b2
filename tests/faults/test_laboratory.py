"""The short form of the laboratory: faults while people write.

bench/faults.py measures the times.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.chat import Chat
from tests.faults.faults import chat_for
from tests.faults.journal import Acknowledged, Journal, Wish
from tests.faults.laboratory import run
from tests.faults.oracle import Log, judge
from tests.faults.plan import Plan
from tests.faults.timeline import Timeline
from tests.helpers.clocks import CAN_BE_FAKED

SMALL = Plan(seed=1, clients=12, people=4, rate=40.0, every=0.8, calm=0.8)


def planned(seed: int, *faults: str) -> Plan:
    return Plan(seed, SMALL.clients, SMALL.people, SMALL.rate, faults, SMALL.every, SMALL.calm)


@pytest.fixture(scope="module")
def two_workers(folder: Path) -> Iterator[Chat]:
    with Chat(folder) as chat:
        yield chat


def test_the_same_seed_is_the_same_run_and_another_seed_another() -> None:
    def told(plan: Plan) -> object:
        return plan.strikes(), [
            list(itertools.islice(plan.deeds_of(client), 50)) for client in range(plan.clients)
        ]

    faults = ("worker killed", "database killed")
    assert told(planned(3, *faults)) == told(planned(3, *faults))
    assert told(planned(3, *faults)) != told(planned(4, *faults))


def test_two_workers_lose_nothing_whatever_is_taken_from_them(two_workers: Chat) -> None:
    report = run(
        planned(1, "worker killed", "client away", "database killed", "redis killed", "lines dead"),
        two_workers,
    )
    assert report.wrong() == []
    assert report.acknowledged > 100
    assert report.blows[0].cut > 0, "clients were at the worker that was killed"


def test_two_workers_lose_nothing_when_the_primary_steps_down_or_their_clock_is_set(
    folder: Path,
) -> None:
    faults = ("primary steps down", *(["clock set"] if CAN_BE_FAKED else [])) * 2
    with chat_for(folder, 2, faults) as chat:
        report = run(planned(4, *faults), chat)
    assert report.wrong() == []
    assert report.refusals > 0, "nobody could write while there was no primary"


def test_a_hundred_devices_write_in_one_room_over_two_workers_and_all_have_one_order(
    two_workers: Chat,
) -> None:
    report = run(Plan(seed=3, clients=100, people=1, rate=60.0, calm=1.0), two_workers)
    assert report.wrong() == []
    assert report.entries >= report.acknowledged > 50


def test_one_process_loses_nothing_when_it_or_its_database_is_killed(folder: Path) -> None:
    with Chat(folder, workers=1) as chat:
        report = run(planned(2, "database killed", "master killed"), chat)
    assert report.wrong() == []
    assert report.blows[1].cut == SMALL.clients


def test_clients_that_do_not_repair_are_found_out(two_workers: Chat) -> None:
    """The laboratory must detect losses; otherwise a run without findings would prove nothing."""
    report = run(planned(1, "client away", "client away"), two_workers, repairs=False)
    assert report.verdict.holes
    assert not report.verdict.missing, "and the chat kept all the same what it had acknowledged"


# the oracle itself


def entry(
    seq: int, client_id: str, message_id: str, event: str = "message:posted", **changed: object
) -> dict[str, object]:
    message = {
        "id": message_id,
        "client_id": client_id,
        "author": {"id": "bob"},
        "version": seq,
        "body": "hello",
        "deleted_at": None,
        "reactions": [],
    }
    return {"room_id": "room", "event": event, "seq": seq, "message": message | changed}


class Run:
    """A run in which bob sent three messages and edited the last; one client received all."""

    def __init__(self) -> None:
        edited = {"body": "edited", "version": 4}
        self.log: Log = [
            entry(1, "a", "m1"),
            entry(2, "b", "m2"),
            entry(3, "c", "m3", **edited),
            entry(4, "c", "m3", "message:edited", **edited),
        ]
        places = [(1, "m1", "a"), (2, "m2", "b"), (3, "m3", "c")]
        self.journal = Journal(
            [
                Acknowledged(0, 0, 0, 1, "room", seq, id_, "bob", client_id, "hello")
                for seq, id_, client_id in places
            ]
        )
        self.journal.wishes["m3", "body"] = Wish("body", "edited")
        self.timeline = Timeline()
        for heard in copy.deepcopy(self.log):
            self.timeline.hear(heard)

    def found(self) -> set[str]:
        verdict = judge(self.journal, {"room": self.log}, [{"room": self.timeline}])
        return {name for name, items in vars(verdict).items() if items}


def lose_one(run: Run) -> None:
    run.log[1] = entry(2, "somebody else's", "m9")


def lose_the_last(run: Run) -> None:
    del run.log[3]


def keep_one_twice(run: Run) -> None:
    run.log.append(entry(5, "a", "m5"))


def acknowledge_one_twice(run: Run) -> None:
    run.journal.acknowledged.append(Acknowledged(0, 0, 0, 2, "room", 7, "m7", "bob", "a", "hello"))


def leave_a_number_out(run: Run) -> None:
    del run.log[1]


def swap_two(run: Run) -> None:
    places = run.timeline.places
    places[0], places[1] = places[1], places[0]


def hear_one_less(run: Run) -> None:
    del run.timeline.places[1]


def hear_another_message(run: Run) -> None:
    run.timeline.places[1] = (2, "message:posted", "m9")


def show_the_old_text(run: Run) -> None:
    run.timeline.messages["m3"] = run.timeline.messages["m3"]._replace(version=3, body="hello")


def undo_the_edit(run: Run) -> None:
    for kept in run.log[2:]:
        kept["message"] |= {"body": "hello"}


def leave_one_unanswered(run: Run) -> None:
    run.journal.unacknowledged.add("d")


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lose_one, "missing"),
        (lose_the_last, "differing"),
        (keep_one_twice, "doubled"),
        (acknowledge_one_twice, "doubled"),
        (leave_a_number_out, "holes"),
        (swap_two, "inversions"),
        (hear_one_less, "holes"),
        (hear_another_message, "differing"),
        (show_the_old_text, "differing"),
        (undo_the_edit, "undone"),
        (leave_one_unanswered, "surprises"),
    ],
)
def test_the_oracle_sees(spoil: object, found: str) -> None:
    a_run = Run()
    assert a_run.found() == set(), "nothing was wrong before"
    spoil(a_run)
    assert found in a_run.found()
