"""A latch: waiting greenlets continue when it opens, or at their deadline."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from chat.utils.latch import Latch
from tests.helpers.servers import wait_until


def test_all_who_wait_go_on_when_it_opens_and_whoever_comes_later_does_not_wait() -> None:
    latch = Latch()
    with ThreadPoolExecutor(5) as pool:
        waiting = [pool.submit(latch.wait, 10) for _ in range(4)] + [pool.submit(latch.wait)]
        wait_until(lambda: len(latch._waiting) == 5, "all wait")
        assert not any(each.done() for each in waiting)
        latch.open()
        assert all(each.result(5) for each in waiting)
    assert latch.wait(0)
    latch.open()
    assert latch.wait()


def test_who_can_wait_no_longer_goes_on_without_it() -> None:
    latch, before = Latch(), time.monotonic()
    assert [latch.wait(0.01), latch.wait(0), latch.wait(-1)] == [False, False, False]
    assert time.monotonic() - before < 5
    latch.open()
    assert latch.wait(0.01)


def test_nobody_waits_for_a_gate_that_opens_at_that_very_moment() -> None:
    for _ in range(300):
        latch = Latch()
        opener = threading.Thread(target=latch.open)
        opener.start()
        assert latch.wait(10)
        opener.join()
