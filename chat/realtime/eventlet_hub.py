"""All that chat.realtime knows of its event loop. A second file like this one would carry it on another loop."""

from __future__ import annotations

import logging
import socket as socket_module
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import eventlet
import eventlet.wsgi
from eventlet import hubs, patcher
from eventlet.event import Event

MOST_PARKED = 64         # greenlets that wait for work
TURN_SECONDS = 0.005     # of handlers that do not yield, before everybody else has a turn

logger = logging.getLogger(__name__)
_blocking_socket: Any = patcher.original("socket")

Listener = Any  # what add_reader and add_writer return, for remove


class CannotTakeOver(Exception):
    """The web server does not let go of this connection's socket."""


def call_soon(function: Callable[..., object], *args: object) -> None:
    """Calls it in the next round of the loop. It must not yield."""
    hubs.get_hub().schedule_call_global(0, function, *args)


def call_later(seconds: float, function: Callable[..., object], *args: object) -> Any:
    """Calls it later, unless what is returned is told to `cancel()`. It must not yield."""
    return hubs.get_hub().schedule_call_global(seconds, function, *args)


def add_reader(fd: int, function: Callable[[int], None]) -> Listener:
    """Calls it with `fd` in every round in which there is something to read, until it is removed."""
    return _listen(hubs.get_hub().READ, fd, function)


def add_writer(fd: int, function: Callable[[int], None]) -> Listener:
    return _listen(hubs.get_hub().WRITE, fd, function)


def remove(listener: Listener) -> None:
    """Must come before the descriptor is closed: its number is given to somebody else at once."""
    hubs.get_hub().remove(listener)


def _listen(direction: str, fd: int, function: Callable[[int], None]) -> Listener:
    hub = hubs.get_hub()
    listener = hub.add(direction, fd, function, _obsolete, None)
    listener.greenlet = hub.greenlet  # else it keeps the greenlet of the handshake alive: 2 KB a connection
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
    green = environ["eventlet.input"].get_socket() if "eventlet.input" in environ else environ.get("gunicorn.socket")
    plain = getattr(green, "fd", None)
    if not isinstance(plain, _blocking_socket.socket) or hasattr(green, "do_handshake"):
        raise CannotTakeOver
    family, kind = plain.family, plain.type
    taken = _blocking_socket.SocketType(family, kind, 0, fileno=plain.detach())
    taken.setblocking(False)
    if family != socket_module.AF_UNIX:
        taken.setsockopt(socket_module.IPPROTO_TCP, socket_module.TCP_NODELAY, 1)
    eventlet.wsgi.WSGI_LOCAL.already_handled = True  # eventlet's server and gunicorn's worker both look there
    return taken


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
        self._waking = True
        hub = hubs.get_hub()
        if self._parked:
            hub.schedule_call_global(0, self._parked.pop().switch)
        else:
            eventlet.spawn(self._live)

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
            if time.monotonic() - began > TURN_SECONDS:
                eventlet.sleep(0)
                began = time.monotonic()
