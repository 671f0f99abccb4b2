"""Runs a command that is to die with its parent: `python die_with_parent.py PARENTS_PID COMMAND…`.

A program of its own, because what is run in a forked child before it becomes another program is not safe here: hooks of the
standard library and of eventlet run in it, and once in a while the child went on with its parent's greenlets.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # of Linux's prctl; elsewhere nothing is done, and the next start ends what a killed parent left


def bind(parent: int) -> None:
    """From now on this process is killed when its parent is gone. Exits where it is already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit(1)  # it was quicker


def main(parent: str, *command: str) -> None:
    bind(int(parent))
    os.execv(command[0], command)  # noqa: S606  a program of ours


if __name__ == "__main__":
    main(*sys.argv[1:])
