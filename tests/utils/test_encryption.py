"""Sealing: sealed data opens in its place, and nowhere else."""

from __future__ import annotations

import os

import pytest

from chat.utils import encryption
from chat.utils.encryption import CannotOpen, SealingKey

PLACE = "room/message/body"


@pytest.fixture
def key() -> SealingKey:
    return SealingKey(os.urandom(12), encryption.new_key())


def test_what_is_sealed_opens_in_its_place(key: SealingKey) -> None:
    sealed = key.seal("ferry at seven ⛴".encode(), PLACE)
    assert key.open(sealed, PLACE).decode() == "ferry at seven ⛴"
    assert b"ferry" not in sealed
    assert key.seal(b"same", PLACE) != key.seal(b"same", PLACE), "a fresh nonce each time"


def test_what_was_moved_does_not_open_and_the_error_names_the_place(key: SealingKey) -> None:
    sealed = key.seal(b"secret words", PLACE)
    with pytest.raises(CannotOpen, match="other/message/body") as told:
        key.open(sealed, "other/message/body")
    assert "secret" not in str(told.value)


def test_one_flipped_bit_anywhere_is_noticed(key: SealingKey) -> None:
    sealed = key.seal(b"secret", PLACE)
    for position in range(len(sealed)):
        damaged = bytearray(sealed)
        damaged[position] ^= 1
        with pytest.raises(CannotOpen):
            key.open(bytes(damaged), PLACE)


@pytest.mark.parametrize(
    "not_sealed", [b"", b"\x01", b"plain text that somebody put into the database by hand"]
)
def test_what_was_never_sealed_is_an_error_and_not_shown(
    key: SealingKey, not_sealed: bytes
) -> None:
    with pytest.raises(CannotOpen):
        key.open(not_sealed, PLACE)
    with pytest.raises(CannotOpen):
        encryption.key_id_of(not_sealed if not_sealed[:1] != b"\x01" else b"", PLACE)


def test_either_library_opens_what_the_other_sealed() -> None:
    root_id, root, secret = os.urandom(12), encryption.new_key(), encryption.new_key()
    by_cryptography = SealingKey(root_id, root)
    assert by_cryptography.open(encryption.wrap(secret, root_id, root, PLACE), PLACE) == secret
    assert encryption.unwrap(by_cryptography.seal(secret, PLACE), root, PLACE) == secret


def test_a_derived_key_depends_on_secret_and_purpose() -> None:
    keys = {
        encryption.derive(secret, purpose)
        for secret in ("a" * 32, "b" * 32)
        for purpose in ("one", "two")
    }
    assert len(keys) == 4
    assert encryption.derive("a" * 32, "one") == encryption.derive("a" * 32, "one")


def test_a_fingerprint_counts_its_parts() -> None:
    key = os.urandom(32)
    assert encryption.fingerprint(key, "ab", "c") != encryption.fingerprint(key, "a", "bc")
    assert encryption.fingerprint(key, "a") != encryption.fingerprint(os.urandom(32), "a")
