"""Limits count networks: an IPv6 address is one of at least 2^64 that a person has."""

from __future__ import annotations

import pytest

from chat.realtime.addresses import network_of, wider_network_of


@pytest.mark.parametrize(
    ("address", "network", "wider"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("::1", "::/64", "::/48"),
        ("::ffff:198.51.100.7", "198.51.100.7", None),
        ("::ffff:c633:6407", "198.51.100.7", None),
        ("198.51.100.7", "198.51.100.7", None),
        ("no address", "no address", None),
        ("", "", None),
    ],
)
def test_an_address_counts_as_the_network_that_one_person_has(
    address: str, network: str, wider: str | None
) -> None:
    assert (network_of(address), wider_network_of(address)) == (network, wider)


def test_all_addresses_of_one_network_count_as_one() -> None:
    assert len({network_of(f"2001:db8:0:7::{number:x}") for number in range(300)}) == 1
    assert len({network_of(f"2001:db8:0:{number:x}::1") for number in range(300)}) == 300
    assert len({wider_network_of(f"2001:db8:0:{number:x}::1") for number in range(300)}) == 1
