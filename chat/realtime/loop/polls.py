"""The epolls of our event loop: clients' sockets can wait while all others are polled."""

from __future__ import annotations

import time
from typing import Any

from eventlet import patcher

_select: Any = patcher.original("select")
READABLE: int = _select.POLLIN


class Polls:
    """Takes the place of the hub's epoll, with a second epoll for the sockets of `clients`.

    The first epoll watches the second one's descriptor, except while clients are left alone.
    """

    def __init__(self) -> None:
        self.clients: set[int] = set()
        # until then the clients' sockets are not polled; in time.monotonic()
        self.left_alone_until = 0.0
        self._ours = _select.epoll()
        self._theirs = _select.epoll()
        self._their_news = (self._theirs.fileno(), READABLE)
        self._ours.register(*self._their_news)
        self._watched = True  # whether the first epoll watches the clients' epoll

    def register(self, fd: int, mask: int) -> None:
        self._of(fd).register(fd, mask)

    def modify(self, fd: int, mask: int) -> None:
        self._of(fd).modify(fd, mask)

    def unregister(self, fd: int) -> None:
        poll = self._of(fd)
        self.clients.discard(fd)
        poll.unregister(fd)

    def poll(self, seconds: float | None) -> list[tuple[int, int]]:
        left = self.left_alone_until - time.monotonic()
        if self._watched is (left > 0):
            self._watched = left <= 0
            self._ours.modify(self._theirs.fileno(), READABLE if self._watched else 0)
        if left > 0:
            seconds = left if seconds is None else min(left, seconds)
        events: list[tuple[int, int]] = self._ours.poll(seconds)
        if self._watched:
            if self._their_news not in events:
                return events
            events.remove(self._their_news)
        elif time.monotonic() < self.left_alone_until:
            return events
        events += self._theirs.poll(0)
        return events

    def _of(self, fd: int) -> Any:
        return self._theirs if fd in self.clients else self._ours
