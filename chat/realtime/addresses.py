"""Which addresses count as one: an IPv6 user has at least a /64, often a /48."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address, IPv6Network

WIDER = 10  # a wider network's limits, as a multiple of a network's
REMEMBERED = 4096  # addresses; a busy one is not parsed for each request


@lru_cache(REMEMBERED)
def network_of(address: str) -> str:
    """Return the network that an address counts for: the /64 of an IPv6 address.

    An IPv4-mapped address counts as its IPv4 address. Anything else is returned unchanged.
    """
    return _within(address, 64)[0]


@lru_cache(REMEMBERED)
def wider_network_of(address: str) -> str | None:
    """Return the /48 of an IPv6 address; None for all others."""
    network, is_ipv6 = _within(address, 48)
    return network if is_ipv6 else None


def _within(address: str, bits: int) -> tuple[str, bool]:
    try:
        parsed = IPv6Address(address.partition("%")[0])
    except AddressValueError:
        return address, False
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped), False
    return str(IPv6Network((int(parsed), bits), strict=False)), True
