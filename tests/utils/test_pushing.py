"""Sealing push messages as RFC 8291 says, and the addresses to which they may go."""

from __future__ import annotations

import time

import pytest

from chat.utils.outward import addresses, networks
from chat.utils.pushing import encryption
from chat.utils.pushing.encryption import decoded, encoded

# RFC 8291, section 5 and appendix A
PLAIN = b"When I grow up, I want to be a watermelon"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
RECEIVER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
    "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu"
    "lcy4a-fN"
)
PRIVATE = (
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1%eth0",
    "fd00::1",
    "ff0e::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2002:a01:203::1",
    "2001:0:7f00:1::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "64:ff9b:1::7f00:1",
    "fec0::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:0:127.0.0.1",
    "4000::1",
)


def test_a_message_is_sealed_as_the_example_of_the_standard() -> None:
    sealed = encryption.seal(
        PLAIN,
        decoded(RECEIVER),
        decoded(AUTH),
        salt=decoded(SALT),
        ephemeral=decoded(SENDER),
    )
    assert encoded(sealed) == SEALED


def test_all_messages_have_one_length_and_fit_into_what_every_push_service_takes() -> None:
    lengths = {
        len(encryption.seal(encryption.padded(text), decoded(RECEIVER), decoded(AUTH)))
        for text in (b"", b"a word", b"x" * encryption.PLAIN_BYTES)
    }
    assert len(lengths) == 1
    assert lengths.pop() <= encryption.RECORD_BYTES
    with pytest.raises(ValueError, match="too long"):
        encryption.padded(b"x" * (encryption.PLAIN_BYTES + 1))


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        (b"", b"a" * 16),
        (b"\x04" + bytes(64), b"a" * 16),  # a point that is not on the curve
        (decoded(RECEIVER)[:-1], b"a" * 16),
        (decoded(RECEIVER), b"a" * 15),
    ],
)
def test_keys_that_no_browser_has_are_refused(p256dh: bytes, auth: bytes) -> None:
    with pytest.raises(encryption.BadKey):
        encryption.must_be_keys(p256dh, auth)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_not_connected_to(address: str) -> None:
    assert not networks.is_allowed(address, ())


@pytest.mark.parametrize(
    "address", ["142.250.74.138", "2a00:1450:4001:81b::200a", "64:ff9b::8efa:4a8a"]
)
def test_a_public_address_is_connected_to(address: str) -> None:
    assert networks.is_allowed(address, ())


def test_an_operator_may_name_private_networks() -> None:
    allowed = networks.networks_of(["10.0.0.0/8", "fd00::/8"])
    assert networks.is_allowed("10.1.2.3", allowed)
    assert networks.is_allowed("fd12::1", allowed)
    assert not networks.is_allowed("192.168.1.1", allowed)


def test_a_name_that_leads_to_this_machine_is_not_connected_to() -> None:
    with pytest.raises(addresses.PrivateAddress):
        addresses.connect("localhost", 1, (), time.monotonic() + 5)
