"""Processes of the machine: their command lines, and how to end one."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

STOP_SECONDS = 4.0


def command_of(pid: int) -> str:
    """Return the command line of a process; empty when there is no such process."""
    if Path("/proc/self").is_dir():
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return ""
        return command.replace(b"\0", b" ").decode(errors="replace")
    return subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout


def end(pid: int, port: int, child: subprocess.Popen[bytes] | None = None) -> None:
    """Send SIGTERM to a daemon, and SIGKILL if it still runs after STOP_SECONDS.

    `child`: the daemon's process, if this process started it.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        _wake_acceptor(port)
        give_up_at = time.monotonic() + STOP_SECONDS
        while time.monotonic() < give_up_at:
            if _has_ended(pid, child):
                return
            time.sleep(0.02)


def _has_ended(pid: int, child: subprocess.Popen[bytes] | None) -> bool:
    if child:
        return child.poll() is not None
    return not command_of(pid).strip()


def _wake_acceptor(port: int) -> None:
    """Connect to a stopping daemon so that it stops at once.

    A daemon without a connection waits two seconds for its thread that accepts connections.
    """
    time.sleep(0.05)
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        pass
