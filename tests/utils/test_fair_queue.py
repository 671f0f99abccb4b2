"""Turns: a person with many jobs delays only their own, under threads and greenlets."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from chat.utils.errors import ClientGone, RateLimited
from chat.utils.fair_queue import FairQueue, Line, never
from tests.helpers.servers import ROOT, wait_until

STRANGERS = Line("strangers", running_each=1, waiting_each=8, waiting_in_all=8)
KNOWN = Line("known", running_each=1, waiting_each=2, waiting_in_all=64)


class Crowd:
    """Jobs of people, in threads of their own. Each runs until the test ends it."""

    def __init__(self, queue: FairQueue):
        self.queue = queue
        self.begun: list[str] = []
        self.refused: list[tuple[str, type[Exception]]] = []
        self._ends: dict[str, threading.Event] = {}
        self._threads: list[threading.Thread] = []

    def bring(self, job: str, line: Line = STRANGERS, is_gone: Callable[[], bool] = never) -> None:
        """Start a job like `bob 1`, which is bob's; return when it runs, waits or is refused."""
        self._ends[job] = threading.Event()
        before = self._settled() + self.queue.waiting(line)
        thread = threading.Thread(target=self._run, args=(job, line, is_gone), daemon=True)
        self._threads.append(thread)
        thread.start()
        wait_until(
            lambda: self._settled() + self.queue.waiting(line) > before, f"{job} has a place"
        )

    def end(self, job: str) -> None:
        """End the job; return when the next one has begun, or does not wait any more."""
        expected = self._settled() + 1
        waits = self.queue.waiting(STRANGERS) + self.queue.waiting(KNOWN) > 0
        self._ends[job].set()
        if waits:
            wait_until(lambda: self._settled() >= expected, f"somebody has a turn after {job}")

    def end_all(self) -> list[str]:
        """End all jobs; return the order in which they began."""
        for end in self._ends.values():
            end.set()
        for thread in self._threads:
            thread.join(10)
        assert not any(thread.is_alive() for thread in self._threads)
        return self.begun

    def _settled(self) -> int:
        return len(self.begun) + len(self.refused)

    def _run(self, job: str, line: Line, is_gone: Callable[[], bool]) -> None:
        try:
            with self.queue.turn(line, job.split(maxsplit=1)[0], is_gone):
                self.begun.append(job)
                self._ends[job].wait(10)
        except (RateLimited, ClientGone) as refusal:
            self.refused.append((job, type(refusal)))


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    a_crowd = Crowd(FairQueue(1, patience=10, retry_after=2))
    yield a_crowd
    a_crowd.end_all()


def test_who_brings_one_job_goes_before_the_rest_of_somebodys_many(crowd: Crowd) -> None:
    for job in ("mallory 1", "mallory 2", "mallory 3", "mallory 4", "bob 1", "carol 1"):
        crowd.bring(job)
    for job in ("mallory 1", "bob 1", "carol 1", "mallory 2", "mallory 3"):
        crowd.end(job)
    assert crowd.end_all() == [
        "mallory 1",
        "bob 1",
        "carol 1",
        "mallory 2",
        "mallory 3",
        "mallory 4",
    ]
    assert crowd.refused == []


def test_a_full_line_refuses_at_once_and_first_whoever_has_the_most_in_it(crowd: Crowd) -> None:
    for number in range(9):  # one runs, eight wait
        crowd.bring(f"mallory {number}")
    crowd.bring("mallory 9")
    assert crowd.refused == [("mallory 9", RateLimited)]
    crowd.bring("bob 1")
    wait_until(lambda: len(crowd.refused) == 2, "somebody makes room for bob")
    assert crowd.refused[1] == ("mallory 8", RateLimited), "the last of mallory's, not bob"
    crowd.end("mallory 0")
    assert crowd.begun == ["mallory 0", "bob 1"]


def test_who_has_as_many_waiting_as_others_is_refused_and_pushes_nobody_out(crowd: Crowd) -> None:
    for number in range(9):
        crowd.bring(f"network-{number} 1")
    crowd.bring("bob 1")
    assert crowd.refused == [("bob 1", RateLimited)]


def test_lines_take_turns_so_a_full_one_neither_refuses_nor_delays_another(crowd: Crowd) -> None:
    for number in range(9):
        crowd.bring(f"network-{number} 1")
    crowd.bring("bob 1", KNOWN)
    crowd.bring("bob 2", KNOWN)
    assert crowd.refused == []
    crowd.end("network-0 1")
    crowd.end("bob 1")
    crowd.end("network-1 1")
    assert crowd.begun == ["network-0 1", "bob 1", "network-1 1", "bob 2"]


def test_nobody_has_more_waiting_than_their_line_allows(crowd: Crowd) -> None:
    for number in range(4):
        crowd.bring(f"bob {number}", KNOWN)
    assert crowd.refused == [("bob 3", RateLimited)]


def test_who_hung_up_has_no_turn_and_takes_no_room(crowd: Crowd) -> None:
    hung_up = False
    crowd.bring("bob 1")
    for number in range(8):
        crowd.bring(f"network-{number} 1", is_gone=lambda: hung_up)
    hung_up = True
    crowd.bring("carol 1")
    wait_until(lambda: len(crowd.refused) == 8, "those who hung up are told")
    assert {kind for _, kind in crowd.refused} == {ClientGone}
    crowd.bring("dave 1", is_gone=lambda: True)
    crowd.end("bob 1")
    crowd.end("carol 1")
    assert crowd.refused[-1] == ("dave 1", ClientGone), "he hung up before his turn"
    assert crowd.begun == ["bob 1", "carol 1"]


def test_somebody_runs_as_many_at_a_time_as_their_line_allows() -> None:
    crowd = Crowd(FairQueue(2, patience=10, retry_after=2))
    for job in ("bob 1", "bob 2", "carol 1"):
        crowd.bring(job)
    assert crowd.begun == ["bob 1", "carol 1"], "one place stays free for others"
    crowd.end("bob 1")
    assert crowd.begun == ["bob 1", "carol 1", "bob 2"]
    crowd.end_all()


def test_whoever_waits_too_long_is_told_when_to_come_again_and_leaves_the_line() -> None:
    crowd = Crowd(FairQueue(1, patience=0.05, retry_after=7))
    crowd.bring("bob 1")
    with pytest.raises(RateLimited) as told, crowd.queue.turn(STRANGERS, "carol"):
        pass
    assert told.value.retry_after == 7
    assert crowd.queue.waiting(STRANGERS) == 0
    crowd.end_all()


def test_a_job_that_fails_gives_its_turn_on(crowd: Crowd) -> None:
    with pytest.raises(ZeroDivisionError), crowd.queue.turn(STRANGERS, "bob"):
        raise ZeroDivisionError
    crowd.bring("carol 1")
    assert crowd.begun == ["carol 1"]


def test_nothing_is_remembered_of_who_left(crowd: Crowd) -> None:
    for number in range(50):
        with crowd.queue.turn(STRANGERS, f"network-{number}"):
            pass
    assert not crowd.queue._running
    assert not crowd.queue._last_turn


def test_many_threads_at_once_never_run_more_than_allowed() -> None:
    queue, running, most = FairQueue(3, patience=30, retry_after=1), [0], [0]
    lock, line = (
        threading.Lock(),
        Line("all", running_each=2, waiting_each=100, waiting_in_all=1000),
    )

    def work(who: int) -> None:
        for _ in range(20):
            with queue.turn(line, who):
                with lock:
                    running[0] += 1
                    most[0] = max(most[0], running[0])
                time.sleep(0.0002)
                with lock:
                    running[0] -= 1

    threads = [threading.Thread(target=work, args=(number % 6,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert 1 <= most[0] <= 3


IN_GREENLETS = """
import eventlet
eventlet.monkey_patch()
from chat.realtime import loop
loop.take_over()
from chat.utils.errors import ClientGone, RateLimited
from chat.utils.fair_queue import FairQueue, Line

line, queue, told = Line("people", 1, 3, 8), FairQueue(1, patience=10, retry_after=1), []

def job(name, is_gone=lambda: False):
    try:
        with queue.turn(line, name[0], is_gone):
            told.append(name)
            eventlet.sleep(0.01)
    except (ClientGone, RateLimited) as refusal:
        told.append(f"{name} {refusal.code}")

jobs = [eventlet.spawn(job, name) for name in ("a1", "a2", "a3", "a4", "a5", "b1", "c1")]
gone = eventlet.spawn(job, "d1", lambda: True)
eventlet.sleep(0)
eventlet.sleep(0)
killed = jobs[2]
killed.kill()
for each in (*jobs[:2], *jobs[3:], gone):
    each.wait()
assert told == ["a1", "a5 rate_limited", "b1", "c1", "d1 client_gone", "a2", "a4"], told
assert queue.waiting(line) == 0
"""


def test_it_is_the_same_among_greenlets_and_one_that_is_killed_leaves_the_line() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", IN_GREENLETS], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
