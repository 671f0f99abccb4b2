"""The connections that carry plain HTTP: limits for each network, and which connection is evicted.

A connection that became a WebSocket does not count, nor one that the application counts itself
(STOP_COUNTING). A connection is *idle* while it waits for a request or for the rest of its header.
For a new connection the longest idle one is closed: browsers reconnect when they need to, and
clients that only open connections cannot lock others out.
"""

from __future__ import annotations

import contextlib
import socket
import weakref
from collections import Counter, OrderedDict, defaultdict
from typing import Any

from chat.realtime.addresses import WIDER, network_of, wider_network_of

MOST_OF_NETWORK = 500
# In a request's environ: a function. Once the application has called it, the connection does not
# count as plain HTTP, is closed for no other one, and ends with this request's answer.
STOP_COUNTING = "realtime.stop_counting"

# Those of every server of this process.
_all: weakref.WeakSet[Connections] = weakref.WeakSet()

Taken = Any  # a connected socket, blocking or of the loop's own kind


class Connections:
    """Counts connections by network.

    `most_of_network`: None behind a proxy, which counts them itself.
    """

    def __init__(self, most_of_network: int | None = MOST_OF_NETWORK):
        _all.add(self)
        self._most_of_network = most_of_network
        self._networks: dict[Taken, tuple[str, ...]] = {}
        self._open: Counter[str] = Counter()
        self._idle: OrderedDict[Taken, None] = OrderedDict()
        self._idle_of: defaultdict[str, OrderedDict[Taken, None]] = defaultdict(OrderedDict)

    def admit(self, taken: Taken, address: str) -> bool:
        """Return whether this connection may stay; it may evict another of its network."""
        networks: tuple[str, ...] = (network_of(address),)
        if wider := wider_network_of(address):
            networks += (wider,)
        if self._most_of_network is not None:
            most_of_each = self._most_of_network, self._most_of_network * WIDER
            for network, most in zip(networks, most_of_each, strict=False):
                if self._open[network] >= most and not self._close_first(self._idle_of[network]):
                    return False
        self._networks[taken] = networks
        for network in networks:
            self._open[network] += 1
        self.rests(taken)
        return True

    def works(self, taken: Taken) -> bool:
        """Mark a connection that sent a header as busy; return whether it is still open."""
        self._idle.pop(taken, None)
        for network in self._networks.get(taken, ()):
            self._idle_of[network].pop(taken, None)
        return taken in self._networks

    def rests(self, taken: Taken) -> None:
        """Mark a connection as idle."""
        if networks := self._networks.get(taken):
            self._idle[taken] = None
            for network in networks:
                self._idle_of[network][taken] = None

    def gone(self, taken: Taken) -> None:
        """Remove a connection that is closed, or no longer carries HTTP."""
        self.works(taken)
        for network in self._networks.pop(taken, ()):
            self._open[network] -= 1
            self._forget_empty(network)

    def close_oldest(self) -> bool:
        """Close the longest idle connection; return whether there was one.

        Never yields.
        """
        return self._close_first(self._idle)

    def __len__(self) -> int:
        return len(self._networks)

    def _close_first(self, idle: OrderedDict[Taken, None]) -> bool:
        oldest = next(iter(idle), None)
        if oldest is None:
            return False
        self.gone(oldest)
        with contextlib.suppress(OSError):
            # The greenlet that reads from the connection finds the end of the stream, and closes
            # it.
            oldest.shutdown(socket.SHUT_RDWR)
        return True

    def _forget_empty(self, network: str) -> None:
        if self._open[network] <= 0:
            self._open.pop(network, None)
            self._idle_of.pop(network, None)


def open_connections() -> int:
    """Return how many connections of this process carry plain HTTP."""
    return sum(map(len, _all))
