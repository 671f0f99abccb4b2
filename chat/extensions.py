"""The objects that the whole process shares: the Socket.IO server, the settings, the threads.

`build_app` binds the settings, `attach_socketio` the Socket.IO server.
"""

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

THREADS = 4  # for functions that would block the loop
NICENESS = 10  # of these threads' priority: when all CPUs are busy, the loop runs first

_lowered = threading.local()

socketio = SocketIO()
tpool.set_num_threads(THREADS)
_bound: list[Settings] = []


def bind_settings(settings: Settings) -> None:
    _bound[:] = [settings]


def settings() -> Settings:
    """Return the settings of this process. Raises IndexError before `build_app`."""
    return _bound[0]


def off_the_loop(
    function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Return the result of a slow function that releases the GIL (bcrypt), computed in a thread.

    A thread does not help with a function that holds the GIL, which blocks the loop all the same:
    utils/time_slices.py divides such a function.
    """
    if not patcher.is_monkey_patched("thread"):
        return function(*args, **kwargs)  # tests and tools have no event loop to block
    result: Result = tpool.execute(_give_way, function, *args, **kwargs)
    return result


def _give_way(
    function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Compute the result in this thread; on Linux, where threads have priorities, at a low one."""
    if sys.platform == "linux" and not hasattr(_lowered, "done"):
        me = os.PRIO_PROCESS, threading.get_native_id()
        # Only lower the priority: raising it again needs root.
        os.setpriority(*me, max(NICENESS, os.getpriority(*me)))
        _lowered.done = True
    return function(*args, **kwargs)
