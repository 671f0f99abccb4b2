"""Which server an address leads to, whatever the spelling of the address.

The limits of a service hold for all spellings of its name, so nobody has more of it by writing it
in another way.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from chat.utils.outward.networks import host_of
from chat.utils.outward.posting import PORTS

USUAL = PORTS["https"]


def service_of(url: str) -> str:
    """Return the host and port of an address, in one spelling; no port for that of https.

    Raises ValueError for what is no address.
    """
    parts = urlsplit(url)
    host, port = host_of(url), parts.port or PORTS.get(parts.scheme, USUAL)
    named = f"[{host}]" if ":" in host else host
    return named if port == USUAL else f"{named}:{port}"
