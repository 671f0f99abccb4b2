"""Greenlets that run the handlers of all clients."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import eventlet
import greenlet
from eventlet import hubs

from chat.realtime.loop.hub import Hub

MOST_PARKED = 64  # idle greenlets that the pool keeps
SLICE_SECONDS = 0.005  # for handlers that do not yield, after which the loop runs something else

logger = logging.getLogger(__name__)


class Workers:
    """Runs functions that may yield, in greenlets. Each wakes the next one before it begins.

    So one greenlet runs all functions that do not yield, without a switch, and a function that
    yields delays no other.
    """

    def __init__(self) -> None:
        self._jobs: deque[tuple[Callable[..., object], tuple[object, ...]]] = deque()
        self._parked: list[Any] = []
        self._waking = False
        self.busy = 0

    def run(self, function: Callable[..., object], *args: object) -> None:
        """Call `function` soon, in a greenlet. Its exceptions are logged. Never yields."""
        self._jobs.append((function, args))
        if not self._waking:
            self._wake()

    @property
    def idle(self) -> bool:
        return not self._jobs and not self.busy

    def _wake(self) -> None:
        """Schedule a worker ahead of waiting greenlets, so that concurrent jobs start together."""
        self._waking = True
        hub = hubs.get_hub()
        woken = self._parked.pop() if self._parked else greenlet.greenlet(self._live, hub.greenlet)
        if isinstance(hub, Hub):
            hub.call_next(woken.switch)
        else:
            hub.schedule_call_global(0, woken.switch)

    def _live(self) -> None:
        me = eventlet.getcurrent()
        hub = hubs.get_hub()
        while True:
            self._waking = False
            self._work()
            if len(self._parked) >= MOST_PARKED:
                return
            self._parked.append(me)
            hub.switch()

    def _work(self) -> None:
        began = time.monotonic()
        while self._jobs:
            function, args = self._jobs.popleft()
            if self._jobs and not self._waking:
                self._wake()
            self.busy += 1
            try:
                function(*args)
            except Exception:  # a worker serves all connections and must survive a failing handler
                logger.error("a handler failed", exc_info=True)
            finally:
                self.busy -= 1
            if self._jobs and time.monotonic() - began > SLICE_SECONDS:
                eventlet.sleep(0)
                began = time.monotonic()
