"""The master of several worker processes that share a port, and its connection to each worker."""

from __future__ import annotations

import contextlib
import logging
import math
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

from chat.server.supervisor import LIFELINE, pause_after

WSGI = Path(__file__).resolve().parents[2] / "wsgi.py"
STOP_SECONDS = 8.0  # for a worker to finish its requests
LOOK_SECONDS = 0.1  # between two checks whether all workers run
ORPHAN_SECONDS = 1.0  # for a worker to stop after the master's death; then it is killed

log = logging.getLogger(__name__)


class Forked:
    """A forked process with the methods of subprocess.Popen that the master needs."""

    def __init__(self, pid: int):
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float = math.inf) -> int:
        """Return the exit code. Raises subprocess.TimeoutExpired."""
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() >= end:
                raise subprocess.TimeoutExpired("a worker", timeout)
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@dataclass
class Worker:
    """One process, and the master's end of its *lifeline*: a socket between the two.

    Through `lifeline` the master tells the worker to serve, and the worker reports that it serves.
    When the master closes the lifeline, the worker ends.
    """

    process: subprocess.Popen[bytes] | Forked
    lifeline: socket.socket
    started_at: float = field(default_factory=time.monotonic)

    def go(self) -> None:
        with contextlib.suppress(OSError):  # the worker has ended; `watch` restarts it
            self.lifeline.send(b".")


class Master:
    """The parent of the worker processes: forks, watches, restarts and stops them."""

    def __init__(self, count: int):
        self._count = count
        self._workers: dict[int, Worker] = {}
        self._may_start_at = dict.fromkeys(range(count), 0.0)
        self._pause = dict.fromkeys(range(count), 0.0)

    def fork(self) -> socket.socket | None:
        """Fork all workers, with the application built; each waits for `go`.

        Returns None in the master, and in each worker the worker's lifeline. Call this only while
        the process has no greenlet, thread or connection. `_start` replaces a worker that ends
        later.
        """
        for number in range(self._count):
            ours, theirs = socket.socketpair()
            pid = os.fork()
            if not pid:
                for line in (ours, *(worker.lifeline for worker in self._workers.values())):
                    line.close()  # an open lifeline would hide the master's death from its worker
                os.setsid()  # Ctrl-C reaches only the master, which stops the workers in order
                return theirs
            theirs.close()
            self._workers[number] = Worker(Forked(pid), ours)
        return None

    def go(self) -> None:
        """Let the workers serve, once there is a database; return when one serves, or all ended."""
        for worker in self._workers.values():
            worker.go()
        with selectors.DefaultSelector() as selector:
            for worker in self._workers.values():
                selector.register(worker.lifeline, selectors.EVENT_READ)
            selector.select(60)

    def watch(self, stop_requested: threading.Event) -> None:
        """Restart a worker whenever one ends, until `stop_requested` is set."""
        while not stop_requested.wait(LOOK_SECONDS):
            for number, worker in list(self._workers.items()):
                if worker.process.poll() is not None:
                    self._remove(number, worker)
            for number in range(self._count):
                if number not in self._workers and time.monotonic() >= self._may_start_at[number]:
                    self._start(number)

    def stop(self) -> None:
        """Send SIGTERM to all workers, and SIGKILL to those that still run after STOP_SECONDS."""
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
                start_new_session=True,  # Ctrl-C reaches only the master
            )
        self._workers[number] = Worker(process, ours)
        # the worker may serve at once: `watch` runs after `go`, so there is a database
        self._workers[number].go()

    def _remove(self, number: int, worker: Worker) -> None:
        log.error(
            "a worker ended; starting another", extra={"returncode": worker.process.returncode}
        )
        worker.lifeline.close()
        del self._workers[number]
        lived = time.monotonic() - worker.started_at
        self._pause[number] = pause_after(lived, self._pause[number])
        self._may_start_at[number] = time.monotonic() + self._pause[number]


def lifeline_to_master() -> socket.socket | None:
    """Return the worker's end of its lifeline; None where no master started this process.

    The worker sends `b"."` when it serves. The lifeline closes when the master ends.
    """
    if LIFELINE not in os.environ:
        return None
    return socket.socket(fileno=int(os.environ.pop(LIFELINE)))


def wait_for_go(lifeline: socket.socket) -> None:
    """Return when the master says that there is a database; exit when the master is gone."""
    if not lifeline.recv(1):
        sys.exit(1)


def end_with_master(lifeline: socket.socket) -> None:
    """End this worker when the master ends: by SIGTERM, and after ORPHAN_SECONDS by force."""
    while lifeline.recv(1):
        pass
    log.error("the master is gone; this worker ends")
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ORPHAN_SECONDS)
    os._exit(1)
