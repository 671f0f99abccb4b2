"""Run a command that dies with its parent: `python die_with_parent.py PARENTS_PID COMMAND…`.

It is a program of its own because Python code must not run in a forked child before exec: hooks of
the standard library and of eventlet would run there, and sometimes continued the parent's
greenlets.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

# An option of Linux's prctl. On other systems `bind` does nothing, and the next start ends the
# processes that a killed parent left.
PR_SET_PDEATHSIG = 1


def bind(parent: int) -> None:
    """Have the kernel kill this process when its parent ends.

    Exits if the parent is gone already.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit(1)  # the parent ended before the prctl


def main(parent: str, *command: str) -> None:
    bind(int(parent))
    os.execv(command[0], command)  # noqa: S606  the command is a program of ours


if __name__ == "__main__":
    main(*sys.argv[1:])
