"""Functions that would block the loop run in threads, at lower priority."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from chat import extensions


@pytest.mark.skipif(sys.platform != "linux", reason="threads have a priority of their own on Linux")
def test_a_thread_that_hashes_has_a_lower_priority_than_the_loop() -> None:
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    with ThreadPoolExecutor(1) as pool:
        before = pool.submit(priority).result()
        lowered = max(before, extensions.NICENESS)
        assert pool.submit(extensions._give_way, priority).result() == lowered
        assert pool.submit(extensions._give_way, priority).result() == lowered
    assert priority() == before, "it alone"
