"""How other devices reach a chat whose address is that of this computer alone."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")
# Reserved for documentation: a socket of datagrams finds the way there, and sends nothing.
ELSEWHERE = ("192.0.2.1", 9)
UNKNOWN = "ADDRESS-OF-THIS-COMPUTER"


def is_loopback(url: str) -> bool:
    """Return whether an address means each time the computer on which somebody opens it."""
    host = urlsplit(url).hostname or ""
    return host in LOOPBACK or host.endswith(".localhost")


def command_for_others(port: int) -> str:
    """Return how to start the chat for the devices of this network, too."""
    return f"HOST=0.0.0.0 PORT={port} PUBLIC_URL=http://{_own_address()}:{port} bin/run"


def _own_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(ELSEWHERE)
        except OSError:  # no network
            return UNKNOWN
        address: str = way.getsockname()[0]
    return address
