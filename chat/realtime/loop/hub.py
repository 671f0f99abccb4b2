"""Our event loop: eventlet's hub with a shorter round."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from heapq import heappop
from typing import Any, Protocol

import greenlet
from eventlet.hubs import epolls
from eventlet.hubs.timer import Timer

from chat.realtime.loop.polls import READABLE, Polls

# Seconds of calls that schedule further calls at once, after which the loop polls the sockets.
ROUND_SECONDS = 0.001


class Measured(Protocol):
    """Measures a greenlet: the hub calls `pause` when it waits, and `resume` when it runs again."""

    def pause(self) -> None: ...

    def resume(self) -> None: ...


class Hub(epolls.Hub):  # type: ignore[misc]
    """eventlet's hub, with a faster path for calls that are due at once and for readable sockets.

    In a chat that sleeps between messages the CPU caches are cold, so every line of a round counts.
    Calls that are due at once wait in a queue of their own instead of a heap. A round runs the
    queue's calls, and for ROUND_SECONDS those that they add. Then it polls the sockets.

    A round ends early when a greenlet began to wait for a socket in it. eventlet's `select` relies
    on this: it times out in two steps, and the loop must poll between them. Otherwise `select`
    with a zero timeout reports an unpolled socket as not readable. The database driver then takes
    a connection that its peer has closed for an open one.
    """

    is_available = staticmethod(epolls.is_available)
    running: bool
    stopping: bool

    def __init__(self, clock: Any = None):
        super().__init__(clock)
        self.poll = Polls()
        self._soon: deque[Callable[[], object]] = deque()
        self._unpolled = False  # a greenlet waits for a socket that the loop has not polled since

    def add(self, evtype: str, fileno: int, cb: Any, tb: Any, mark_as_closed: Any) -> Any:
        # No greenlet needs an immediate poll of a client's socket.
        self._unpolled |= fileno not in self.poll.clients
        return super().add(evtype, fileno, cb, tb, mark_as_closed)

    def schedule_call_global(
        self, seconds: float, cb: Callable[..., object], *args: object, **kw: object
    ) -> Any:
        if seconds > 0:
            return super().schedule_call_global(seconds, cb, *args, **kw)
        timer = Timer(0, cb, *args, **kw)
        self._soon.append(timer)
        return timer

    def call_next(self, cb: Callable[..., object], *args: object) -> None:
        """Schedule a call before all others that are due at once."""
        self._soon.appendleft(Timer(0, cb, *args))

    def switch(self) -> Any:
        loop = self.greenlet
        current = greenlet.getcurrent()
        if loop.dead or current.parent is not loop:
            return super().switch()
        measured: Measured | None = getattr(current, "loop_time", None)
        if measured is None:
            return loop.switch()
        measured.pause()
        try:
            return loop.switch()
        finally:
            measured.resume()

    def run(self, *_: object, **__: object) -> None:
        """Run the loop. All but the fast path is as in eventlet's hub."""
        if self.running:
            raise RuntimeError("Already running!")
        self.running = True
        self.stopping = False
        try:
            while not self.stopping:
                while self.closed:
                    self.close_one()
                if self.next_timers:
                    self.prepare_timers()
                if self.timers and self.timers[0][0] <= (moment := self.clock()):
                    self.fire_timers(moment)
                self._call_all()
                if self.next_timers:
                    self.prepare_timers()
                self.wait(self._seconds_to_sleep())
            self.timers_canceled = 0
            self.timers.clear()
            self.next_timers.clear()
            self._soon.clear()
        finally:
            self.running = False
            self.stopping = False

    def wait(self, seconds: float | None = None) -> None:
        readers = self.listeners[self.READ]
        if not readers and not self.listeners[self.WRITE]:
            super().wait(seconds)
            return
        try:
            events = self.poll.poll(seconds)
        except InterruptedError:
            return
        self._unpolled = False
        # Collect all listeners first: a call may replace a listener whose own call is still to
        # come.
        ready = []
        for number, event in events:
            if event == READABLE and number in readers:
                ready.append((readers[number], number))
            else:
                ready += self._listeners_of(number, event)
        for listener, number in ready:
            try:
                listener.cb(number)
            except self.SYSTEM_EXCEPTIONS:
                raise
            except BaseException:  # noqa: BLE001  eventlet also removes the listener then
                self.squelch_exception(number, sys.exc_info())

    def _call_all(self) -> None:
        soon = self._soon
        began = self.clock()
        while soon:
            for _ in range(len(soon)):
                call = soon.popleft()
                try:
                    call()
                except self.SYSTEM_EXCEPTIONS:
                    raise
                except BaseException:  # noqa: BLE001  as above
                    self.squelch_timer_exception(call, sys.exc_info())
            if self._unpolled or self.clock() - began > ROUND_SECONDS:
                return

    def _seconds_to_sleep(self) -> float:
        if self._soon:
            return 0.0
        timers = self.timers
        # Drop cancelled timers, so that the loop need not wake for them: nearly every timeout is
        # cancelled.
        while timers and timers[0][1].called:
            heappop(timers)
            self.timers_canceled -= 1
        if not timers:
            return float(self.default_sleep())
        return max(0.0, float(timers[0][0] - self.clock()))

    def _listeners_of(self, number: int, event: int) -> set[tuple[Any, int]]:
        found = []
        if event & (self.READ_MASK | self.EXC_MASK):
            found.append(self.listeners[self.READ].get(number))
        if event & (self.WRITE_MASK | self.EXC_MASK):
            found.append(self.listeners[self.WRITE].get(number))
        return {(listener, number) for listener in found if listener}
