"""The parent of the single serving process: it restarts the process after a crash.

The parent forks before it loads the chat. It only waits and forwards signals: database and port
belong to the child. Several workers have a master instead (master.py).
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import signal
import socket
import sys
import time
from types import FrameType
from typing import NoReturn

from chat.server import die_with_parent
from config import ConfigurationError, Settings, load_settings

# The variable, in a worker's environment, with the descriptor of the worker's socket to the master.
LIFELINE = "CHAT_LIFELINE"
STOP: tuple[signal.Signals, ...] = (signal.SIGTERM, signal.SIGINT)
# nohup ignores SIGHUP, so that the chat outlives its terminal.
if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
    STOP += (signal.SIGHUP,)
OF_DISKS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO)
# seconds: after a crash, a process that ran this long is restarted without a pause
LONG_ENOUGH = 5.0
FIRST_PAUSE = 0.5  # seconds; doubled with each crash
LONGEST_PAUSE = 5.0  # seconds

log = logging.getLogger(__name__)
# in the child: its end of the pair; at most one socket
_lifelines_to_parent: list[socket.socket] = []


def supervise() -> Settings:
    """Return the settings, in the process that is to serve or to supervise workers.

    With one worker, that process is a child. Its parent never returns, and exits when the child
    exits. Exits with a sentence where the settings are wrong.
    """
    try:
        settings = load_settings()
    except ConfigurationError as error:
        give_up(str(error))
    if settings.workers == 1 and LIFELINE not in os.environ:
        _Supervisor(settings).run()
    return settings


def lifeline_to_parent() -> socket.socket | None:
    """Return the child's socket to its parent, which closes when the parent ends; None without one.

    Call this once.
    """
    if not _lifelines_to_parent:
        return None
    return socket.socket(fileno=_lifelines_to_parent.pop().detach())


def sentence_of(error: Exception) -> str:
    """Return the sentence that tells the operator about an error that ends the start.

    An OSError gets a sentence about its file or disk. Raises `error` if it shows a bug of ours.
    """
    if not isinstance(error, OSError):
        return str(error)
    if error.filename is None and error.errno not in OF_DISKS:
        raise error
    return f"{error.filename or 'A file'} cannot be read or written ({error.strerror})."


def give_up(sentence: str) -> NoReturn:
    print(f"The chat cannot start. {sentence}", file=sys.stderr, flush=True)
    sys.exit(1)


def pause_after(lived: float, last_pause: float) -> float:
    """Return the seconds until a process that crashed after `lived` seconds is restarted."""
    if lived > LONG_ENOUGH:
        return 0.0
    return min(max(FIRST_PAUSE, last_pause * 2), LONGEST_PAUSE)


class _Supervisor:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._child: int | None = None
        self._stop_requested = False

    def run(self) -> None:
        """Return in each child; in the parent, restart a crashed child, and exit at the end."""
        for number in STOP:
            signal.signal(number, self._stop)
        has_served = False
        pause = 0.0
        while True:
            began = time.monotonic()
            lifeline = self._fork()
            if lifeline is None:
                return
            code = self._wait()
            with lifeline, contextlib.suppress(BlockingIOError):
                lifeline.setblocking(False)
                has_served = has_served or lifeline.recv(1) == b"."
            if code == 0 or self._stop_requested:
                sys.exit(max(code, 0))
            if not has_served:  # the error that ended this start would also end the next one
                if code < 0:
                    code = 128 - code  # the exit code for a signal, as in a shell
                sys.exit(code)
            lived = time.monotonic() - began
            pause = pause_after(lived, pause)
            self._log_restart(code)
            time.sleep(pause)

    def _fork(self) -> socket.socket | None:
        """Fork; return in the parent the socket on which the child reports that it serves.

        Returns None in the child.
        """
        parent = os.getpid()
        ours, theirs = socket.socketpair()
        # a signal that arrived during the fork would be lost
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP)
        self._child = os.fork()
        if not self._child:
            for number in STOP:
                signal.signal(number, signal.SIG_DFL)
            die_with_parent.bind(parent)
            ours.close()
            _lifelines_to_parent.append(theirs)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)
        if not self._child:
            return None
        theirs.close()
        return ours

    def _wait(self) -> int:
        """Return the exit code of the child.

        Also reaps orphans: processes that the child's own processes started.
        """
        while True:
            pid, status = os.wait()
            if pid == self._child:
                self._child = None
                return os.waitstatus_to_exitcode(status)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self._stop_requested = True
        if self._child is None:
            sys.exit(0)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._child, number)

    def _log_restart(self, code: int) -> None:
        from chat.utils import logs  # not before a crash, because the parent is to stay small

        logs.set_up(self._settings.log_level, self._settings.log_format)
        log.error("the chat ended; starting it again", extra={"returncode": code})
