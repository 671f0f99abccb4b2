"""The functions of the event loop that chat.realtime uses.

To run on another loop, replace this package by one with the same functions.

hub.py, polls.py    the loop itself
workers.py          greenlets that run handlers
loop_time.py        the CPU time of a greenlet
sockets.py          the socket below a request
http_server.py      the web server: accepting.py, reading.py, request_body.py
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import eventlet
from eventlet import hubs
from eventlet.event import Event

from chat.realtime.loop.hub import Hub
from chat.realtime.loop.loop_time import LoopTime
from chat.realtime.loop.sockets import CannotTakeOver, has_hung_up, take_socket
from chat.realtime.loop.workers import Workers

__all__ = ["CannotTakeOver", "Hub", "LoopTime", "Workers", "has_hung_up", "take_socket"]

Listener = Any  # returned by add_reader and add_writer, for remove

logger = logging.getLogger(__name__)


def take_over() -> None:
    """Give this thread our loop, unless something waits in the thread's present loop."""
    there = hubs.get_hub()
    waiting = any(not timer.called for _, timer in there.timers + there.next_timers) or any(
        there.listeners.values()
    )
    if not waiting and not isinstance(there, Hub):
        start_new_loop()


def start_new_loop() -> None:
    """Give this thread a new loop, whatever waits in the old one.

    A child process calls this, because its loop is a copy of its parent's.
    """
    hubs.use_hub(Hub if Hub.is_available() else None)


def is_running() -> bool:
    """Return whether this thread's loop runs: only then do scheduled calls happen."""
    return bool(hubs.get_hub().running)


def call_soon(function: Callable[..., object], *args: object) -> None:
    """Call `function`, which must not yield, in the next round of the loop."""
    hubs.get_hub().schedule_call_global(0, function, *args)


def call_later(seconds: float, function: Callable[..., object], *args: object) -> Any:
    """Call `function`, which must not yield, later; return a timer with `cancel()`."""
    return hubs.get_hub().schedule_call_global(seconds, function, *args)


def leave_clients_alone(seconds: float) -> None:
    """Delay the events of clients' sockets by `seconds`, and deliver them together.

    Clients' sockets are those that add_reader and add_writer watch.
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
    # Otherwise the listener refers to the greenlet of the handshake: 2 KB for each connection.
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
