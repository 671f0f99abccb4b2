"""All that chat.realtime knows of its event loop. A second file like this one would carry it on another loop."""

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
ROUND_SECONDS = (
    0.001  # of calls that make others which are due at once, before the sockets have their turn
)
TURN_SECONDS = 0.005  # of handlers that do not yield, before everybody else has a turn

logger = logging.getLogger(__name__)
_blocking_socket: Any = patcher.original("socket")
_select: Any = patcher.original("select")
_READABLE: int = _select.POLLIN

Listener = Any  # what add_reader and add_writer return, for remove


class CannotTakeOver(Exception):
    """The web server does not let go of this connection's socket."""


class Polls:
    """Stands where eventlet's hub has one epoll: the sockets of `clients`, which can be left alone for a moment, lie in another.

    The other one lies in the first as a descriptor of its own, except while clients are left alone.
    """

    def __init__(self) -> None:
        self.clients: set[int] = set()
        self.left_alone_until = 0.0  # as time.monotonic() has it
        self._ours, self._theirs = _select.epoll(), _select.epoll()
        self._their_news = (self._theirs.fileno(), _READABLE)
        self._ours.register(*self._their_news)
        self._watched = True  # the clients

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
    """eventlet's hub, with less on the way of what happens all day: calls that are due at once, sockets that can be read.

    In a chat that sleeps between messages the caches are cold, and every line of a round counts. What is due at once waits in
    a line of its own instead of a heap; a round runs the calls in it, those that they add to it too as long as it is a short
    one, then looks at the sockets.

    A round ends early when something began to wait for a socket in it. eventlet's `select` relies on that: it times out in
    two steps, and the loop must poll between them. Otherwise a zero timeout reports that nothing can be read from a socket
    that nobody polled, and the database driver takes a connection that its peer has closed for an open one.
    """

    is_available = staticmethod(epolls.is_available)
    running: bool
    stopping: bool

    def __init__(self, clock: Any = None):
        super().__init__(clock)
        self.poll = Polls()
        self._soon: deque[Callable[[], object]] = deque()
        self._unpolled = False  # something waits for a socket that was not polled since

    def add(self, evtype: str, fileno: int, cb: Any, tb: Any, mark_as_closed: Any) -> Any:
        self._unpolled |= (
            fileno not in self.poll.clients
        )  # those wait for no answer of a moment ago
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
        """Before all else that is due at once."""
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
        """As eventlet's, which is asked to do all that is not everyday."""
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
        # All listeners first, so that none of them can put another one in the place of one that is still to be called.
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
            except BaseException:  # noqa: BLE001  as eventlet does: whoever listens so is listened to no more
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
        while (
            timers and timers[0][1].called
        ):  # cancelled, as nearly every timeout is: nobody need be woken for it
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
    """How much CPU the current greenlet takes within the `with`, while nobody else has a turn; entered again, both together.

    Zero on another loop than ours, which does not tell when a greenlet waits.
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
    """From now on this thread has a loop of ours, unless something waits in the one that it has."""
    there = hubs.get_hub()
    waiting = any(not timer.called for _, timer in there.timers + there.next_timers) or any(
        there.listeners.values()
    )
    if not waiting and not isinstance(there, Hub):
        begin_anew()


def begin_anew() -> None:
    """The same, whatever waits in it: in a child process, whose loop is a copy of its parent's."""
    hubs.use_hub(Hub if Hub.is_available() else None)


def is_running() -> bool:
    """Return whether this thread's loop runs, so that what is due in it will be called."""
    return bool(hubs.get_hub().running)


def call_soon(function: Callable[..., object], *args: object) -> None:
    """Calls it in the next round of the loop. It must not yield."""
    hubs.get_hub().schedule_call_global(0, function, *args)


def call_later(seconds: float, function: Callable[..., object], *args: object) -> Any:
    """Calls it later, unless what is returned is told to `cancel()`. It must not yield."""
    return hubs.get_hub().schedule_call_global(seconds, function, *args)


def leave_clients_alone(seconds: float) -> None:
    """What comes on the sockets that add_reader and add_writer know is looked at when so much time has passed, all of it together."""
    if isinstance(hub := hubs.get_hub(), Hub):
        hub.poll.left_alone_until = time.monotonic() + seconds


def add_reader(fd: int, function: Callable[[int], None]) -> Listener:
    """Calls it with `fd` in every round in which there is something to read, until it is removed. For sockets of clients."""
    return _listen(hubs.get_hub().READ, fd, function)


def add_writer(fd: int, function: Callable[[int], None]) -> Listener:
    return _listen(hubs.get_hub().WRITE, fd, function)


def remove(listener: Listener) -> None:
    """Must come before the descriptor is closed: its number is given to somebody else at once."""
    hubs.get_hub().remove(listener)


def _listen(direction: str, fd: int, function: Callable[[int], None]) -> Listener:
    hub = hubs.get_hub()
    if isinstance(hub, Hub):
        hub.poll.clients.add(fd)
    listener = hub.add(direction, fd, function, _obsolete, None)
    listener.greenlet = (
        hub.greenlet
    )  # else it keeps the greenlet of the handshake alive: 2 KB a connection
    return listener


def _obsolete(error: BaseException) -> None:
    logger.error("a socket was closed behind the loop's back", extra={"reason": str(error)})


def spawn(function: Callable[..., object], *args: object, **kwargs: object) -> Any:
    return eventlet.spawn(function, *args, **kwargs)


def sleep(seconds: float = 0) -> None:
    eventlet.sleep(seconds)


def event() -> Any:
    """Something to wait for once: `send()`, `wait(timeout=seconds)`, `ready()`."""
    return Event()


def take_socket(environ: dict[str, Any]) -> Any:
    """The connection of this request, as a socket that does not block and that the web server knows nothing of any more.

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
    eventlet.wsgi.WSGI_LOCAL.already_handled = (
        True  # eventlet's server and gunicorn's worker both look there
    )
    return taken


def has_hung_up(environ: dict[str, Any]) -> bool:
    """Return whether the client of this request closed its connection. Never yields.

    False where nobody can tell.
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
    """Greenlets that run what may yield. One is woken at a time; each wakes the next before it begins.

    So work that does not yield is done by one of them without a switch, and what yields holds nobody up.
    """

    def __init__(self) -> None:
        self._jobs: deque[tuple[Callable[..., object], tuple[object, ...]]] = deque()
        self._parked: list[Any] = []
        self._waking = False
        self.busy = 0

    def run(self, function: Callable[..., object], *args: object) -> None:
        """Calls it soon, in a greenlet. What it raises is logged. Never yields."""
        self._jobs.append((function, args))
        if not self._waking:
            self._wake()

    @property
    def idle(self) -> bool:
        return not self._jobs and not self.busy

    def _wake(self) -> None:
        """The next one, before anybody goes on who waited: what came together is begun together."""
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
            except Exception:  # a worker serves everybody and must outlive one mistake
                logger.error("a handler failed", exc_info=True)
            finally:
                self.busy -= 1
            if self._jobs and time.monotonic() - began > TURN_SECONDS:
                eventlet.sleep(0)
                began = time.monotonic()
