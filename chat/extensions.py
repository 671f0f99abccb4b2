"""What the whole process shares, bound to the app by create_app: the Socket.IO server and the settings."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from eventlet import patcher, tpool

from chat.realtime import SocketIO
from config import Settings

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

THREADS = 4  # for what would hold the loop
NICENESS = 10  # of these threads: where all CPUs are busy, the loop goes first

_lowered = threading.local()

socketio = SocketIO()
tpool.set_num_threads(THREADS)
_bound: list[Settings] = []


def bind_settings(settings: Settings) -> None:
    _bound[:] = [settings]


def settings() -> Settings:
    """The settings this process was started with. Raises IndexError before create_app."""
    return _bound[0]


def off_the_loop(
    function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """The result of a function that takes long and lets go of the interpreter meanwhile (bcrypt), computed in a thread.

    What does not let go of it would hold the loop up from there as well: it is done in pieces (utils/time_slices.py).
    """
    if not patcher.is_monkey_patched("thread"):
        return function(
            *args, **kwargs
        )  # tests and tools without an event loop have nobody waiting
    result: Result = tpool.execute(_give_way, function, *args, **kwargs)
    return result


def _give_way(
    function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Compute it in this thread, at low priority where threads have one of their own."""
    if sys.platform == "linux" and not hasattr(_lowered, "done"):
        me = os.PRIO_PROCESS, threading.get_native_id()
        os.setpriority(
            *me, max(NICENESS, os.getpriority(*me))
        )  # a higher one than it has needs root
        _lowered.done = True
    return function(*args, **kwargs)
