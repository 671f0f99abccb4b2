"""Which addresses count as one: whoever has an IPv6 address has at least a /64, often a /48."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address, IPv6Network

WIDER = 10  # times as much is allowed to a wider network
REMEMBERED = 4096  # addresses, so that a busy one is not parsed for each of its requests


@lru_cache(REMEMBERED)
def network_of(address: str) -> str:
    """Return whom this address counts as: an IPv6 address as its /64.

    An IPv4-mapped one is the IPv4 address. Anything else is returned as it is.
    """
    return _within(address, 64)[0]


@lru_cache(REMEMBERED)
def wider_network_of(address: str) -> str | None:
    """Return the /48 that an IPv6 address lies in; None for all others."""
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
