"""The number of sockets that this process can have: each needs a file descriptor."""

from __future__ import annotations

import contextlib
import resource

MOST_SOCKETS = 100_000
KEPT_BACK = 200  # descriptors reserved for the database, the queue, files, and the work of requests


def most_sockets() -> int:
    """Raise this process's limit of descriptors; return how many sockets the limit allows."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with contextlib.suppress(ValueError, OSError):  # macOS refuses its own "unlimited"
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if limit == resource.RLIM_INFINITY:
        return MOST_SOCKETS
    return min(MOST_SOCKETS, max(limit - KEPT_BACK, limit // 2))
