"""Encryption (sealing): AES-256-GCM, bound to a place.

There is one format, which either library can open (docs/decisions/0004).

A sealed text is: format (1 byte) · key id (12) · half (6, in the second format) · nonce (12) ·
ciphertext · tag (16). Its associated data names its place, so that a ciphertext that was moved
elsewhere does not open. The second format needs a half besides the key (`models/halves.py`), and
contains that half's number.
"""

from __future__ import annotations

import hashlib
import os

from Crypto.Cipher import AES
from Crypto.Hash import SHA256
from Crypto.Protocol.KDF import HKDF
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
KEY_ID_BYTES = 12
NONCE_BYTES = 12
TAG_BYTES = 16
HALF_NUMBER_BYTES = 6
FORMAT = b"\x01"
FORMAT_WITH_HALF = b"\x02"
_HEADER = 1 + KEY_ID_BYTES + NONCE_BYTES
_LEAST = _HEADER + TAG_BYTES
OVERHEAD = _LEAST + HALF_NUMBER_BYTES  # the most bytes that sealing adds


class CannotOpen(Exception):
    """A sealed text that is damaged, was moved, or was sealed with another key.

    The text of the error names the place, never the content.
    """


class SealingKey:
    """A data key, ready for use. `half`: the number of the half that went into it, if any."""

    def __init__(self, key_id: bytes, key: bytes, half: int | None = None):
        if len(key_id) != KEY_ID_BYTES or len(key) != KEY_BYTES:
            raise ValueError("a key id of 12 bytes and a key of 32 are needed")
        self.id = key_id
        self._cipher = AESGCM(key)
        self._prefix = FORMAT + key_id
        if half is not None:
            self._prefix = FORMAT_WITH_HALF + key_id + half.to_bytes(HALF_NUMBER_BYTES, "big")

    def seal(self, plain: bytes, place: str) -> bytes:
        """Return `plain` encrypted under this key; it opens only at `place`."""
        nonce = os.urandom(NONCE_BYTES)
        return self._prefix + nonce + self._cipher.encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Return the bytes that were sealed at `place`. Raises CannotOpen."""
        after_prefix = len(self._prefix)
        header = after_prefix + NONCE_BYTES
        if len(sealed) < header + TAG_BYTES or not sealed.startswith(self._prefix):
            raise CannotOpen(f"{place}: not sealed with the key it should be")
        try:
            return self._cipher.decrypt(
                sealed[after_prefix:header], sealed[header:], place.encode()
            )
        except InvalidTag:
            raise CannotOpen(f"{place}: damaged, or moved from elsewhere") from None


def wrap(key: bytes, root_id: bytes, root: bytes, place: str) -> bytes:
    """Return `key` sealed with the key-encryption key `root`, in the same format.

    `root_id` replaces the key id of that format.
    """
    nonce = os.urandom(NONCE_BYTES)
    cipher = AES.new(root, AES.MODE_GCM, nonce=nonce)
    cipher.update(place.encode())
    ciphertext_and_tag = b"".join(cipher.encrypt_and_digest(key))
    return FORMAT + root_id + nonce + ciphertext_and_tag


def unwrap(wrapped: bytes, root: bytes, place: str) -> bytes:
    """Return the key that was wrapped for `place`. Raises CannotOpen."""
    key_id_of(wrapped, place)
    cipher = AES.new(root, AES.MODE_GCM, nonce=wrapped[1 + KEY_ID_BYTES : _HEADER])
    cipher.update(place.encode())
    try:
        return cipher.decrypt_and_verify(wrapped[_HEADER:-TAG_BYTES], wrapped[-TAG_BYTES:])
    except ValueError:
        raise CannotOpen(f"{place}: damaged, or moved from elsewhere") from None


def key_id_of(sealed: bytes, place: str) -> bytes:
    """Return the id of the key that sealed a text. Raises CannotOpen for an unknown format."""
    if len(sealed) < _LEAST or sealed[:1] not in (FORMAT, FORMAT_WITH_HALF):
        raise CannotOpen(f"{place}: not in a format this program knows")
    return sealed[1 : 1 + KEY_ID_BYTES]


def half_number_of(sealed: bytes, place: str) -> int | None:
    """Return the number of the half that opens a text; None if it was sealed without one.

    Raises CannotOpen.
    """
    key_id_of(sealed, place)
    if sealed[:1] == FORMAT:
        return None
    return int.from_bytes(sealed[1 + KEY_ID_BYTES : 1 + KEY_ID_BYTES + HALF_NUMBER_BYTES], "big")


def joined(key: bytes, half: bytes) -> tuple[bytes, bytes]:
    """Return two keys of 32 bytes, derived from `key` and `half`: to seal, and to fingerprint.

    Deriving them requires both.
    """
    both = hashlib.blake2b(half, key=key, person=b"with a half", digest_size=2 * KEY_BYTES).digest()
    return both[:KEY_BYTES], both[KEY_BYTES:]


def padded(plain: bytes, step: int, filling: bytes = b"\0") -> bytes:
    """Return `plain` padded to a multiple of `step` bytes, so that its length reveals less."""
    return plain + filling * (-len(plain) % step)


def new_key() -> bytes:
    """Return a random key of 32 bytes."""
    return os.urandom(KEY_BYTES)


def derive(secret: str, purpose: str, length: int = KEY_BYTES) -> bytes:
    """Return a key for one purpose from a long secret, by HKDF-SHA256 (RFC 5869)."""
    derived = HKDF(secret.encode(), length, b"real-time-chat", SHA256, context=purpose.encode())
    assert isinstance(derived, bytes)
    return derived


def fingerprint(key: bytes, *parts: str) -> bytes:
    """Return a keyed fingerprint of some texts.

    Each text is prefixed with its length, so that moving characters to the next text changes the
    result.
    """
    texts = [part.encode() for part in parts]
    joined_texts = b"".join([len(text).to_bytes(8, "big") + text for text in texts])
    return hashlib.blake2b(joined_texts, key=key, digest_size=32).digest()
