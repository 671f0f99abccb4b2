"""A gate: who waits goes on when it opens, and no later than they can."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from chat.utils.gate import Gate
from tests.servers import wait_until


def test_all_who_wait_go_on_when_it_opens_and_whoever_comes_later_does_not_wait() -> None:
    gate = Gate()
    with ThreadPoolExecutor(5) as pool:
        waiting = [pool.submit(gate.wait, 10) for _ in range(4)] + [pool.submit(gate.wait)]
        wait_until(lambda: len(gate._waiting) == 5, "all wait")
        assert not any(each.done() for each in waiting)
        gate.open()
        assert all(each.result(5) for each in waiting)
    assert gate.wait(0)
    gate.open()
    assert gate.wait()


def test_who_can_wait_no_longer_goes_on_without_it() -> None:
    gate, before = Gate(), time.monotonic()
    assert [gate.wait(0.01), gate.wait(0), gate.wait(-1)] == [False, False, False]
    assert time.monotonic() - before < 5
    gate.open()
    assert gate.wait(0.01)


def test_nobody_waits_for_a_gate_that_opens_at_that_very_moment() -> None:
    for _ in range(300):
        gate = Gate()
        opener = threading.Thread(target=gate.open)
        opener.start()
        assert gate.wait(10)
        opener.join()
