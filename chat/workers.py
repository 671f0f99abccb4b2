"""Several processes of one chat that share a port: started, watched, started again when they die, stopped together."""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from chat.supervisor import LIFELINE, LONG_ENOUGH, LONGEST_PAUSE

WSGI = Path(__file__).resolve().parents[1] / "wsgi.py"
STOP_SECONDS = 8.0  # a worker may need them to answer what it has begun
LOOK_SECONDS = 0.1  # between two looks whether all workers live
ORPHAN_SECONDS = (
    1.0  # between the master's death and the end of a worker that does not stop by itself
)

log = logging.getLogger(__name__)


class Forked:
    """A process that goes on with this program: as much of a subprocess.Popen as is needed."""

    def __init__(self, pid: int):
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if end is not None and time.monotonic() >= end:
                raise subprocess.TimeoutExpired("a worker", timeout or 0.0)
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@dataclass
class Worker:
    """One process. Through `lifeline` it is told to go, and tells that it serves; closed, it tells the worker to end."""

    process: subprocess.Popen[bytes] | Forked
    lifeline: socket.socket
    started_at: float = field(default_factory=time.monotonic)

    def go(self) -> None:
        with contextlib.suppress(OSError):  # it has ended, and will be started again
            self.lifeline.send(b".")


class Workers:
    """The processes of one chat."""

    def __init__(self, count: int):
        self._count = count
        self._workers: dict[int, Worker] = {}
        self._may_start_at = dict.fromkeys(range(count), 0.0)
        self._pause = dict.fromkeys(range(count), 0.5)

    def fork(self) -> socket.socket | None:
        """Starts them all from here, with the application built. They wait for `go`. Returns None, and in each worker its lifeline.

        Only while nothing runs: no greenlet, no thread, no connection. A worker that dies later is replaced by `_start`.
        """
        for number in range(self._count):
            ours, theirs = socket.socketpair()
            pid = os.fork()
            if not pid:
                for line in (ours, *(worker.lifeline for worker in self._workers.values())):
                    line.close()  # or a worker would hold the others when the master is gone
                os.setsid()  # Ctrl-C in the terminal comes to the master, which stops them in order
                return theirs
            theirs.close()
            self._workers[number] = Worker(Forked(pid), ours)
        return None

    def go(self) -> None:
        """There is a database: they may serve. Returns when one of them does, or all ended."""
        for worker in self._workers.values():
            worker.go()
        with selectors.DefaultSelector() as selector:
            for worker in self._workers.values():
                selector.register(worker.lifeline, selectors.EVENT_READ)
            selector.select(60)

    def look_after(self, told_to_stop: threading.Event) -> None:
        """Starts a worker again whenever one dies, until it is told to stop."""
        while not told_to_stop.wait(LOOK_SECONDS):
            for number, worker in list(self._workers.items()):
                if worker.process.poll() is not None:
                    self._bury(number, worker)
            for number in range(self._count):
                if number not in self._workers and time.monotonic() >= self._may_start_at[number]:
                    self._start(number)

    def stop(self) -> None:
        """SIGTERM to all, and SIGKILL to what is still there after STOP_SECONDS."""
        for worker in self._workers.values():
            worker.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        for worker in self._workers.values():
            try:
                worker.process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()
            worker.lifeline.close()
        self._workers.clear()

    def _start(self, number: int) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(  # noqa: S603  our own program
                [sys.executable, str(WSGI)],
                env=os.environ | {LIFELINE: str(theirs.fileno())},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in the terminal comes to the master, which stops them in order
            )
        self._workers[number] = Worker(process, ours)
        self._workers[number].go()  # there is a database since all of them were told to

    def _bury(self, number: int, worker: Worker) -> None:
        log.error(
            "a worker ended; starting another", extra={"returncode": worker.process.returncode}
        )
        worker.lifeline.close()
        del self._workers[number]
        lived = time.monotonic() - worker.started_at
        self._pause[number] = (
            0.0 if lived > LONG_ENOUGH else min(max(0.5, self._pause[number] * 2), LONGEST_PAUSE)
        )
        self._may_start_at[number] = time.monotonic() + self._pause[number]


def hold_lifeline() -> socket.socket | None:
    """The worker's end: `b"."` is to be sent when the worker serves; it ends when the master does. None where no master started us."""
    return socket.socket(fileno=int(os.environ.pop(LIFELINE))) if LIFELINE in os.environ else None


def wait_for_go(lifeline: socket.socket) -> None:
    """Returns when the master has a database; exits when the master is gone."""
    if not lifeline.recv(1):
        sys.exit(1)


def end_with_master(lifeline: socket.socket) -> None:
    """Returns never: when the master is gone this worker stops, by itself or in ORPHAN_SECONDS."""
    while lifeline.recv(1):
        pass
    log.error("the master is gone; this worker ends")
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ORPHAN_SECONDS)
    os._exit(1)
