"""Sealing: AES-256-GCM, bound to its place. One format, opened by either library (docs/decisions/0004).

A sealed text is: format (1 byte) · key id (12) · nonce (12) · ciphertext · tag (16). Its associated data names the
place it belongs to, so that a ciphertext moved elsewhere does not open.
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
FORMAT = b"\x01"
_HEADER = 1 + KEY_ID_BYTES + NONCE_BYTES
OVERHEAD = _HEADER + TAG_BYTES  # bytes that sealing adds


class CannotOpen(Exception):
    """A sealed text that is damaged, moved, or under another key. The text names the place, never the content."""


class SealingKey:
    """A data key, ready for use. Building the cipher is what costs, so keep it."""

    def __init__(self, key_id: bytes, key: bytes):
        if len(key_id) != KEY_ID_BYTES or len(key) != KEY_BYTES:
            raise ValueError("a key id of 12 bytes and a key of 32 are needed")
        self.id = key_id
        self._cipher = AESGCM(key)
        self._prefix = FORMAT + key_id

    def seal(self, plain: bytes, place: str) -> bytes:
        """`plain` under this key, openable only at `place`."""
        nonce = os.urandom(NONCE_BYTES)
        return self._prefix + nonce + self._cipher.encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """The bytes that were sealed at `place`. Raises CannotOpen."""
        if len(sealed) < _HEADER + TAG_BYTES or not sealed.startswith(self._prefix):
            raise CannotOpen(f"{place}: not sealed with the key it should be")
        try:
            return self._cipher.decrypt(sealed[1 + KEY_ID_BYTES : _HEADER], sealed[_HEADER:], place.encode())
        except InvalidTag:
            raise CannotOpen(f"{place}: damaged, or moved from elsewhere") from None


def wrap(key: bytes, root_id: bytes, root: bytes, place: str) -> bytes:
    """`key` sealed under a key-encryption key, in the same format (12 bytes of `root_id` as the key id)."""
    nonce = os.urandom(NONCE_BYTES)
    cipher = AES.new(root, AES.MODE_GCM, nonce=nonce)
    cipher.update(place.encode())
    ciphertext, tag = cipher.encrypt_and_digest(key)
    return FORMAT + root_id + nonce + ciphertext + tag


def unwrap(wrapped: bytes, root: bytes, place: str) -> bytes:
    """The key that was wrapped for `place`. Raises CannotOpen."""
    key_id_of(wrapped, place)
    cipher = AES.new(root, AES.MODE_GCM, nonce=wrapped[1 + KEY_ID_BYTES : _HEADER])
    cipher.update(place.encode())
    try:
        return cipher.decrypt_and_verify(wrapped[_HEADER:-TAG_BYTES], wrapped[-TAG_BYTES:])
    except ValueError:
        raise CannotOpen(f"{place}: damaged, or moved from elsewhere") from None


def key_id_of(sealed: bytes, place: str) -> bytes:
    """Which key sealed this. Raises CannotOpen when it is no sealed text of ours."""
    if len(sealed) < _HEADER + TAG_BYTES or sealed[:1] != FORMAT:
        raise CannotOpen(f"{place}: not in a format this program knows")
    return sealed[1 : 1 + KEY_ID_BYTES]


def new_key() -> bytes:
    """A random key of 32 bytes."""
    return os.urandom(KEY_BYTES)


def derive(secret: str, purpose: str, length: int = KEY_BYTES) -> bytes:
    """A key for one purpose from a long secret, by HKDF-SHA256 (RFC 5869)."""
    derived = HKDF(secret.encode(), length, b"real-time-chat", SHA256, context=purpose.encode())
    assert isinstance(derived, bytes)
    return derived


def fingerprint(key: bytes, *parts: str) -> bytes:
    """A keyed fingerprint of some texts; each is counted, so that moving a border between two changes it."""
    texts = [part.encode() for part in parts]
    return hashlib.blake2b(b"".join(len(text).to_bytes(8, "big") + text for text in texts), key=key, digest_size=32).digest()
