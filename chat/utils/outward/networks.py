"""Networks of addresses: the public ones, and those that an operator names."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks_of(names: Iterable[str]) -> tuple[Network, ...]:
    """Return networks by their names, like `10.0.0.0/8`. Raises ValueError."""
    return tuple(ipaddress.ip_network(name) for name in names)


def host_of(url: str) -> str:
    """Return the host of an address in one spelling: in ASCII, a network address as numbers.

    Raises ValueError for what is no address.
    """
    name = _in_ascii(urlsplit(url).hostname or "").removesuffix(".")
    if not (literal := literal_address(name)):
        return name
    address = ipaddress.ip_address(literal)
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(inner or address)


def _in_ascii(name: str) -> str:
    try:
        return name.encode("idna").decode().lower()
    except UnicodeError:  # no resolver takes it, so it needs no other spelling
        return name


def literal_address(host: str) -> str | None:
    """Return the address that a host is, in any spelling that a resolver takes; None for a name.

    `0x7f000001`, `2130706433` and `127.1` are 127.0.0.1.
    """
    with contextlib.suppress(OSError):
        return socket.inet_ntoa(socket.inet_aton(host))
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(host))
    return None


def is_allowed(text: str, allowed: Sequence[Network]) -> bool:
    """Return whether an address is public, or in one of these networks."""
    address = _plain(ipaddress.ip_address(text.partition("%")[0]))
    if any(address.version == network.version and address in network for network in allowed):
        return True
    if address == WIRE_SERVER or (address.version == 6 and address not in PUBLIC):
        return False
    return address.is_global and not address.is_multicast


def _plain(address: Address) -> Address:
    """Return the IPv4 address inside an IPv6 one that only stands for it."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        return inner or address
    return address


WIRE_SERVER = ipaddress.IPv4Address("168.63.129.16")  # Azure's, which each machine there has
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
PUBLIC = ipaddress.IPv6Network("2000::/3")  # all that is public today; beside it are odd forms
