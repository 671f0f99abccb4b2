"""How many sessions there may be: what a handshake costs the server must not be for anybody to multiply."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

OPEN_FROM_ADDRESS = 5_000       # an office may sit behind one address
PENDING_FROM_ADDRESS = 1_000    # opened and not yet connected: an office comes back at once after a restart
PENDING = 10_000                # of all addresses
CONNECT_SECONDS = 10.0          # to join a namespace; a session in none is closed


@dataclass(frozen=True)
class Refusal:
    status: str
    sentence: str


class Limits:
    """Counts sessions by address. `enforced`: False only where a load test comes from one address."""

    def __init__(self, *, enforced: bool = True):
        self._enforced = enforced
        self._open: Counter[str] = Counter()
        self._pending: Counter[str] = Counter()
        self._all_pending = 0

    def refusal(self, address: str) -> Refusal | None:
        """Why one more session from this address is refused, or None."""
        if not self._enforced:
            return None
        if self._open[address] >= OPEN_FROM_ADDRESS or self._pending[address] >= PENDING_FROM_ADDRESS:
            return Refusal("429 TOO MANY REQUESTS", "Too many connections from this address.")
        if self._all_pending >= PENDING:
            return Refusal("503 SERVICE UNAVAILABLE", "Too many are connecting just now; try again in a moment.")
        return None

    def opened(self, address: str) -> None:
        self._open[address] += 1

    def closed(self, address: str) -> None:
        _subtract(self._open, address)

    def began(self, address: str) -> None:
        """A session is in no namespace."""
        self._pending[address] += 1
        self._all_pending += 1

    def settled(self, address: str) -> None:
        """It joined one, or is gone."""
        _subtract(self._pending, address)
        self._all_pending -= 1


def _subtract(counter: Counter[str], address: str) -> None:
    counter[address] -= 1
    if counter[address] <= 0:
        del counter[address]
