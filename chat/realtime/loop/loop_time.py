"""The CPU time of the loop that a request or an event takes."""

from __future__ import annotations

import time

import greenlet
from eventlet import hubs

from chat.realtime.loop.hub import Hub


class LoopTime:
    """Measures the CPU time of the current greenlet within `with`; other greenlets do not count.

    A second `with` on the same object adds to the first. The time stays zero on another hub,
    which does not report when a greenlet waits.
    """

    __slots__ = ("_greenlet", "_seconds", "_since")

    def __init__(self) -> None:
        self._seconds = 0.0

    def __enter__(self) -> LoopTime:
        self._greenlet = greenlet.getcurrent()
        if isinstance(hubs.get_hub(), Hub):
            self._greenlet.loop_time = self
        self.resume()
        return self

    def __exit__(self, *_: object) -> None:
        if getattr(self._greenlet, "loop_time", None) is self:
            self.pause()
            del self._greenlet.loop_time

    @property
    def microseconds(self) -> int:
        return round(self._seconds * 1_000_000)

    def pause(self) -> None:
        self._seconds += time.thread_time() - self._since

    def resume(self) -> None:
        self._since = time.thread_time()
