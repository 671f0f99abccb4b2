"""Which addresses the chat may connect to for somebody: public ones, and those an operator names.

People choose the addresses of their push services and webhooks. Without this, they could make the
chat send requests into the network behind it.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence

from chat.utils.outward.networks import Network, is_allowed


class Forbidden(OSError):
    """An address that nobody may make the chat connect to."""


def connect(host: str, port: int, allowed: Sequence[Network], seconds: float) -> socket.socket:
    """Return a connection to a host, at an address that was checked.

    A name may lead to another address the next time it is asked, so the one that was checked is
    the one that is connected to. Raises Forbidden, OSError.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not is_allowed(address, allowed):
            raise Forbidden(f"{host} leads to a private address")
    problem: OSError = OSError(f"{host} has no address")
    for address in addresses[:2]:
        try:
            return socket.create_connection((address, port), seconds)
        except OSError as error:
            problem = error
    raise problem
