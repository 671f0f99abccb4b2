"""Limits on sessions: a client must not multiply the cost of a handshake for the server.

Sessions are counted by network (addresses.py). A session that is in no namespace yet is *pending*.
Where too many are pending, the server closes the oldest. So clients that only open pending sessions
cannot lock out newcomers.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from chat.realtime.addresses import WIDER, network_of, wider_network_of

OPEN_FROM_NETWORK = 5_000  # sessions; a whole office may share one address
# Pending sessions of one network; a whole office reconnects at once after a restart.
PENDING_FROM_NETWORK = 1_000
PENDING = 10_000  # pending sessions of all networks together
CONNECT_SECONDS = 10.0  # for a session to join a namespace, after which the server closes it
MOST_REFUSALS = 3  # refused CONNECT packets of one session, at which the server closes it
MOST_CONNECTS = 64  # all CONNECT packets of one session

Session = TypeVar("Session")


@dataclass(frozen=True)
class Refusal:
    status: str
    sentence: str


class Limits(Generic[Session]):
    """Counts sessions by network. `enforced`: False only in load tests, which use one address."""

    def __init__(self, *, enforced: bool = True, most_pending: int = PENDING):
        self._enforced = enforced
        self._most_pending = most_pending
        self._open: Counter[str] = Counter()
        self._pending: OrderedDict[Session, None] = OrderedDict()
        self._pending_of: defaultdict[str, OrderedDict[Session, None]] = defaultdict(OrderedDict)

    def refusal(self, address: str) -> Refusal | None:
        """Return why one more session from this address is refused, or None."""
        if not self._enforced:
            return None
        for network, times in _networks(address):
            is_full = self._open[network] >= OPEN_FROM_NETWORK * times
            if is_full and not self._pending_of.get(network):
                return Refusal("429 TOO MANY REQUESTS", "Too many connections from this address.")
        return None

    def in_the_way(self, address: str) -> Session | None:
        """Return the pending session to close before one more from this address, or None.

        None means that no session has to be closed.
        """
        if not self._enforced:
            return None
        for network, times in _networks(address):
            pending = self._pending_of.get(network)
            if pending and (
                len(pending) >= PENDING_FROM_NETWORK * times
                or self._open[network] >= OPEN_FROM_NETWORK * times
            ):
                return next(iter(pending))
        if len(self._pending) < self._most_pending:
            return None
        return self.oldest_pending()

    def oldest_pending(self) -> Session | None:
        return next(iter(self._pending), None)

    def opened(self, session: Session, address: str) -> None:
        """Count a new session, which is pending."""
        self._pending[session] = None
        for network, _ in _networks(address):
            self._open[network] += 1
            self._pending_of[network][session] = None

    def settled(self, session: Session, address: str) -> None:
        """Stop counting a session as pending: it joined a namespace, or is closed."""
        self._pending.pop(session, None)
        for network, _ in _networks(address):
            pending = self._pending_of[network]
            pending.pop(session, None)
            if not pending:
                del self._pending_of[network]

    def closed(self, session: Session, address: str) -> None:
        self.settled(session, address)
        for network, _ in _networks(address):
            self._open[network] -= 1
            if self._open[network] <= 0:
                del self._open[network]


def _networks(address: str) -> Iterator[tuple[str, int]]:
    """Yield each network that an address belongs to, and the factor of that network's limits."""
    yield network_of(address), 1
    if wider := wider_network_of(address):
        yield wider, WIDER
