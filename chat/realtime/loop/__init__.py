"""All that chat.realtime uses of its event loop.

A second file with these functions would carry it on another loop.
"""

from __future__ import annotations

import logging
import socket as socket_module
import sys
import time
from collections import deque
from collections.abc import Callable
from heapq import heappop
from typing import Any

import eventlet
import eventlet.wsgi
import greenlet
from eventlet import hubs, patcher
from eventlet.event import Event
from eventlet.hubs import epolls
from eventlet.hubs.timer import Timer

MOST_PARKED = 64  # greenlets that wait for work
# Of calls that schedule further calls at once, before the loop polls the sockets.
ROUND_SECONDS = 0.001
TURN_SECONDS = 0.005  # of handlers that do not yield, before the loop runs something else

logger = logging.getLogger(__name__)
_blocking_socket: Any = patcher.original("socket")
_select: Any = patcher.original("select")
_READABLE: int = _select.POLLIN

Listener = Any  # returned by add_reader and add_writer, for remove


class CannotTakeOver(Exception):
    """The web server does not release this connection's socket."""


class Polls:
    """Takes the place of the hub's epoll, with a second epoll for the sockets of `clients`.

    The first epoll watches the second one's descriptor, except while clients are left alone.
    """

    def __init__(self) -> None:
        self.clients: set[int] = set()
        self.left_alone_until = 0.0  # in time.monotonic()
        self._ours, self._theirs = _select.epoll(), _select.epoll()
        self._their_news = (self._theirs.fileno(), _READABLE)
        self._ours.register(*self._their_news)
        self._watched = True  # whether the first epoll watches the clients'

    def register(self, fd: int, mask: int) -> None:
        self._of(fd).register(fd, mask)

    def modify(self, fd: int, mask: int) -> None:
        self._of(fd).modify(fd, mask)

    def unregister(self, fd: int) -> None:
        poll = self._of(fd)
        self.clients.discard(fd)
        poll.unregister(fd)

    def poll(self, seconds: float | None) -> list[tuple[int, int]]:
        left = self.left_alone_until - time.monotonic()
        if self._watched is (left > 0):
            self._watched = left <= 0
            self._ours.modify(self._theirs.fileno(), _READABLE if self._watched else 0)
        if left > 0:
            seconds = left if seconds is None else min(left, seconds)
        events: list[tuple[int, int]] = self._ours.poll(seconds)
        if self._watched:
            if self._their_news not in events:
                return events
            events.remove(self._their_news)
        elif time.monotonic() < self.left_alone_until:
            return events
        events += self._theirs.poll(0)
        return events

    def _of(self, fd: int) -> Any:
        return self._theirs if fd in self.clients else self._ours


class Hub(epolls.Hub):  # type: ignore[misc]
    """eventlet's hub, with a faster path for calls that are due at once and for readable sockets.

    In a chat that sleeps between messages the CPU caches are cold, so every line of a round counts.
    Calls that are due at once wait in a queue of their own instead of a heap. A round runs the
    calls in it, and those that they add while it is short, and then polls the sockets.

    A round ends early when something began to wait for a socket in it. eventlet's `select` relies
    on that: it times out in two steps, and the loop must poll between them. Otherwise a zero
    timeout reports an unpolled socket as not readable. The database driver then takes a connection
    that its peer has closed for an open one.
    """

    is_available = staticmethod(epolls.is_available)
    running: bool
    stopping: bool

    def __init__(self, clock: Any = None):
        super().__init__(clock)
        self.poll = Polls()
        self._soon: deque[Callable[[], object]] = deque()
        self._unpolled = False  # something waits for a socket that the loop has not polled since

    def add(self, evtype: str, fileno: int, cb: Any, tb: Any, mark_as_closed: Any) -> Any:
        # Nothing needs an immediate poll of a client's socket.
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
        loop, current = self.greenlet, greenlet.getcurrent()
        if loop.dead or current.parent is not loop:
            return super().switch()
        measured: LoopTime | None = getattr(current, "loop_time", None)
        if measured is None:
            return loop.switch()
        measured.pause()
        try:
            return loop.switch()
        finally:
            measured.go_on()

    def run(self, *_: object, **__: object) -> None:
        """Run the loop, as eventlet's hub does, which handles all but the fast path."""
        if self.running:
            raise RuntimeError("Already running!")
        self.running, self.stopping = True, False
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
            self.running = self.stopping = False

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
        # Collect all listeners first: one that is called may replace another one that is still to
        # be called.
        ready = []
        for number, event in events:
            if event == _READABLE and number in readers:
                ready.append((readers[number], number))
            else:
                ready += self._listeners_of(number, event)
        for listener, number in ready:
            try:
                listener.cb(number)
            except self.SYSTEM_EXCEPTIONS:
                raise
            except BaseException:  # noqa: BLE001  as eventlet does, it removes the listener
                self.squelch_exception(number, sys.exc_info())

    def _call_all(self) -> None:
        soon, began = self._soon, self.clock()
        while soon:
            for _ in range(len(soon)):
                call = soon.popleft()
                try:
                    call()
                except self.SYSTEM_EXCEPTIONS:
                    raise
                except BaseException:  # noqa: BLE001  as eventlet does
                    self.squelch_timer_exception(call, sys.exc_info())
            if self._unpolled or self.clock() - began > ROUND_SECONDS:
                return

    def _seconds_to_sleep(self) -> float:
        if self._soon:
            return 0.0
        timers = self.timers
        # Drop cancelled timers, as nearly every timeout is, so that the loop need not wake for
        # them.
        while timers and timers[0][1].called:
            heappop(timers)
            self.timers_canceled -= 1
        return (
            max(0.0, float(timers[0][0] - self.clock())) if timers else float(self.default_sleep())
        )

    def _listeners_of(self, number: int, event: int) -> set[tuple[Any, int]]:
        readers, writers = self.listeners[self.READ], self.listeners[self.WRITE]
        found = []
        if event & (self.READ_MASK | self.EXC_MASK):
            found.append(readers.get(number))
        if event & (self.WRITE_MASK | self.EXC_MASK):
            found.append(writers.get(number))
        return {(listener, number) for listener in found if listener}


class LoopTime:
    """Measures the CPU time of the current greenlet within `with`, without other greenlets' turns.

    Entering it again adds up. It stays zero on another hub, which does not report when a greenlet
    waits.
    """

    __slots__ = ("_greenlet", "_seconds", "_since")

    def __init__(self) -> None:
        self._seconds = 0.0

    def __enter__(self) -> LoopTime:
        self._greenlet = greenlet.getcurrent()
        if isinstance(hubs.get_hub(), Hub):
            self._greenlet.loop_time = self
        self.go_on()
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

    def go_on(self) -> None:
        self._since = time.thread_time()


def take_over() -> None:
    """Give this thread our loop, unless something waits in the loop that it has."""
    there = hubs.get_hub()
    waiting = any(not timer.called for _, timer in there.timers + there.next_timers) or any(
        there.listeners.values()
    )
    if not waiting and not isinstance(there, Hub):
        begin_anew()


def begin_anew() -> None:
    """Give this thread a new loop, whatever waits in the old one.

    For a child process, whose loop is a copy of its parent's.
    """
    hubs.use_hub(Hub if Hub.is_available() else None)


def is_running() -> bool:
    """Return whether this thread's loop runs, so that scheduled calls will happen."""
    return bool(hubs.get_hub().running)


def call_soon(function: Callable[..., object], *args: object) -> None:
    """Call `function`, which must not yield, in the next round of the loop."""
    hubs.get_hub().schedule_call_global(0, function, *args)


def call_later(seconds: float, function: Callable[..., object], *args: object) -> Any:
    """Call `function`, which must not yield, later; return a timer with `cancel()`."""
    return hubs.get_hub().schedule_call_global(seconds, function, *args)


def leave_clients_alone(seconds: float) -> None:
    """Delay the events of clients' sockets by `seconds`, and deliver them together.

    These are the sockets that add_reader and add_writer watch.
    """
    if isinstance(hub := hubs.get_hub(), Hub):
        hub.poll.left_alone_until = time.monotonic() + seconds


def add_reader(fd: int, function: Callable[[int], None]) -> Listener:
    """Call `function(fd)` in every round in which a client's socket is readable, until `remove`."""
    return _listen(hubs.get_hub().READ, fd, function)


def add_writer(fd: int, function: Callable[[int], None]) -> Listener:
    return _listen(hubs.get_hub().WRITE, fd, function)


def remove(listener: Listener) -> None:
    """Remove a listener, before its descriptor is closed: the system reuses the number at once."""
    hubs.get_hub().remove(listener)


def _listen(direction: str, fd: int, function: Callable[[int], None]) -> Listener:
    hub = hubs.get_hub()
    if isinstance(hub, Hub):
        hub.poll.clients.add(fd)
    listener = hub.add(direction, fd, function, _obsolete, None)
    # Otherwise it keeps the greenlet of the handshake alive: 2 KB a connection.
    listener.greenlet = hub.greenlet
    return listener


def _obsolete(error: BaseException) -> None:
    logger.error("a socket was closed behind the loop's back", extra={"reason": str(error)})


def spawn(function: Callable[..., object], *args: object, **kwargs: object) -> Any:
    return eventlet.spawn(function, *args, **kwargs)


def sleep(seconds: float = 0) -> None:
    eventlet.sleep(seconds)


def event() -> Any:
    """Return an event for one wait: `send()`, `wait(timeout=seconds)`, `ready()`."""
    return Event()


def take_socket(environ: dict[str, Any]) -> Any:
    """Return the connection of this request as a non-blocking socket, detached from the web server.

    Raises CannotTakeOver when there is none, or one with TLS on it.
    """
    plain = _socket_of(environ)
    if plain is None:
        raise CannotTakeOver
    family, kind = plain.family, plain.type
    taken = _blocking_socket.SocketType(family, kind, 0, fileno=plain.detach())
    taken.setblocking(False)
    if family != socket_module.AF_UNIX:
        taken.setsockopt(socket_module.IPPROTO_TCP, socket_module.TCP_NODELAY, 1)
    # eventlet's server and gunicorn's worker both read this.
    eventlet.wsgi.WSGI_LOCAL.already_handled = True
    return taken


def has_hung_up(environ: dict[str, Any]) -> bool:
    """Return whether the client of this request closed its connection. Never yields.

    Returns False where that cannot be known.
    """
    plain = _socket_of(environ)
    if plain is None:
        return False
    try:
        return not plain.recv(1, socket_module.MSG_PEEK | socket_module.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:  # reset, or closed on our side
        return True


def _socket_of(environ: dict[str, Any]) -> Any:
    """Return the connection of this request; None when there is none, or one with TLS on it."""
    green = environ.get("gunicorn.socket")
    if "eventlet.input" in environ:
        green = environ["eventlet.input"].get_socket()
    plain = getattr(green, "fd", None)
    if not isinstance(plain, _blocking_socket.socket) or hasattr(green, "do_handshake"):
        return None
    return plain


class Workers:
    """Greenlets that run what may yield. Each wakes the next one before it begins.

    So one greenlet does all work that does not yield, without a switch, and work that yields delays
    no other.
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
        me, hub = eventlet.getcurrent(), hubs.get_hub()
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
            if self._jobs and time.monotonic() - began > TURN_SECONDS:
                eventlet.sleep(0)
                began = time.monotonic()
