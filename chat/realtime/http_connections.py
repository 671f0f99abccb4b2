"""The connections that carry plain HTTP: how many of a network, and who gives way to another.

One that a WebSocket has taken over is none of these. It is *idle* while it waits for a request or
for the rest of its header. The connection that has been idle longest gives way: browsers open
another one when they need it, and whoever only holds connections cannot keep others out.
"""

from __future__ import annotations

import contextlib
import socket
from collections import Counter, OrderedDict, defaultdict
from typing import Any

from chat.realtime.addresses import WIDER, network_of, wider_network_of

MOST_OF_NETWORK = 500

Taken = Any  # a connected socket, blocking or of the loop's own kind


class Connections:
    """`most_of_network`: None where all come from a proxy, which counts them itself."""

    def __init__(self, most_of_network: int | None = MOST_OF_NETWORK):
        self._most_of_network = most_of_network
        self._networks: dict[Taken, tuple[str, ...]] = {}
        self._open: Counter[str] = Counter()
        self._idle: OrderedDict[Taken, None] = OrderedDict()
        self._idle_of: defaultdict[str, OrderedDict[Taken, None]] = defaultdict(OrderedDict)

    def admit(self, taken: Taken, address: str) -> bool:
        """Whether this connection may stay. Another one of its network may have to go for it."""
        narrow, wider = network_of(address), wider_network_of(address)
        networks = (narrow, wider) if wider else (narrow,)
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
        """A whole header has come. Whether to answer it: the connection may have given way."""
        self._idle.pop(taken, None)
        for network in self._networks.get(taken, ()):
            self._idle_of[network].pop(taken, None)
        return taken in self._networks

    def rests(self, taken: Taken) -> None:
        """It waits for a request."""
        if networks := self._networks.get(taken):
            self._idle[taken] = None
            for network in networks:
                self._idle_of[network][taken] = None

    def gone(self, taken: Taken) -> None:
        """It is closed, or carries HTTP no more."""
        self.works(taken)
        for network in self._networks.pop(taken, ()):
            self._open[network] -= 1
            self._forget_empty(network)

    def close_oldest(self) -> bool:
        """Closes the connection that has been idle longest; whether there was one. Never yields."""
        return self._close_first(self._idle)

    def __len__(self) -> int:
        return len(self._networks)

    def _close_first(self, idle: OrderedDict[Taken, None]) -> bool:
        oldest = next(iter(idle), None)
        if oldest is None:
            return False
        self.gone(oldest)
        with contextlib.suppress(OSError):
            oldest.shutdown(socket.SHUT_RDWR)  # whoever reads from it finds the end, and closes it
        return True

    def _forget_empty(self, network: str) -> None:
        if self._open[network] <= 0:
            self._open.pop(network, None)
            self._idle_of.pop(network, None)
