"""Group addresses into networks: an IPv6 user has at least a /64, often a /48."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address, IPv6Network

WIDER = 10  # a /48 may have this multiple of what one network may
REMEMBERED = 4096  # parsed addresses in memory, so that frequent ones are parsed once


@lru_cache(REMEMBERED)
def network_of(address: str) -> str:
    """Return the network that an address counts for: the /64 of an IPv6 address.

    An IPv4-mapped address counts as its IPv4 address. Anything else is returned unchanged.
    """
    parsed = _ipv6(address)
    if parsed is None:
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return _network(parsed, 64)


@lru_cache(REMEMBERED)
def wider_network_of(address: str) -> str | None:
    """Return the /48 of an IPv6 address; None for all others."""
    parsed = _ipv6(address)
    if parsed is None or parsed.ipv4_mapped:
        return None
    return _network(parsed, 48)


def _ipv6(address: str) -> IPv6Address | None:
    try:
        return IPv6Address(address.partition("%")[0])
    except AddressValueError:
        return None


def _network(address: IPv6Address, bits: int) -> str:
    return str(IPv6Network((int(address), bits), strict=False))
