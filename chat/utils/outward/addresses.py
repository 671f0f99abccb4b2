"""Which addresses the chat may connect to for somebody: public ones, and those an operator names.

People choose the addresses of their push services and webhooks. Without this, they could make the
chat send requests into the network behind it.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence

from chat.utils.outward import names
from chat.utils.outward.networks import Network, is_allowed

MOST_TRIED = 2  # addresses of one host, which share the time
SHORTEST = 0.01  # seconds


class PrivateAddress(OSError):
    """An address that nobody may make the chat connect to."""


def connect(host: str, port: int, allowed: Sequence[Network], until: float) -> socket.socket:
    """Return a connection to a host, at an address that was checked.

    A name may lead to another address the next time it is asked, so the one that was checked is
    the one that is connected to. `until`: the monotonic time at which it gives up. Raises
    PrivateAddress, OSError, ValueError for what is no name.
    """
    addresses = names.addresses_of(host, until - time.monotonic())
    for address in addresses:
        if not is_allowed(address, allowed):
            raise PrivateAddress(f"{host} leads to a private address")
    problem: OSError = OSError(f"{host} has no address")
    tried = addresses[:MOST_TRIED]
    seconds = max(SHORTEST, until - time.monotonic()) / max(1, len(tried))
    for address in tried:
        try:
            return socket.create_connection((address, port), seconds)
        except OSError as error:
            problem = error
    raise problem
