"""Seal messages for browsers (RFC 8291, RFC 8188), and sign requests to their services (RFC 8292).

The push service sees the length of the body, and nothing else of it.
"""

from __future__ import annotations

import base64
import os
import struct

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CURVE = ec.SECP256R1()
KEY_BYTES = 32  # of a private key
POINT_BYTES = 65  # of a public key: an uncompressed point
AUTH_BYTES = 16
SALT_BYTES = 16
RECORD_BYTES = 4096  # what every push service takes (RFC 8030)
PLAIN_BYTES = 2048  # every message has this length before it is sealed, whatever it says
END = b"\x02"  # of the last record; zeros follow


class BadKey(ValueError):
    """What a browser would never send as its key."""


def encoded(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Return the bytes of base64url, with or without padding. Raises ValueError."""
    bare = text.rstrip("=")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)


def new_private_key() -> bytes:
    """Return a private key of the chat, as a number of 32 bytes."""
    number = ec.generate_private_key(CURVE).private_numbers().private_value
    return number.to_bytes(KEY_BYTES, "big")


def public_key(private: bytes) -> bytes:
    """Return the public key of a private one, as browsers take it: a point of 65 bytes."""
    return _point(_private(private).public_key())


def must_be_keys(p256dh: bytes, auth: bytes) -> None:
    """Raise BadKey unless a browser can have these keys."""
    if len(p256dh) != POINT_BYTES or len(auth) != AUTH_BYTES:
        raise BadKey("a key of a wrong length")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, p256dh)
    except ValueError as error:
        raise BadKey("a point that is not on the curve") from error


def seal(
    plain: bytes,
    p256dh: bytes,
    auth: bytes,
    *,
    salt: bytes | None = None,
    ephemeral: bytes | None = None,
) -> bytes:
    """Return the body of a request: `plain`, sealed for the browser with these keys.

    `salt` and `ephemeral`, a private key, are random unless a test gives them.
    """
    salt = salt or os.urandom(SALT_BYTES)
    mine = _private(ephemeral) if ephemeral else ec.generate_private_key(CURVE)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, p256dh)
    my_point = _point(mine.public_key())
    shared = mine.exchange(ec.ECDH(), theirs)
    info = b"WebPush: info\0" + p256dh + my_point
    key_material = _derived(auth, shared, info, 32)
    key = _derived(salt, key_material, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(salt, key_material, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(key).encrypt(nonce, plain + END, None)
    return salt + struct.pack("!IB", RECORD_BYTES, len(my_point)) + my_point + sealed


def padded(plain: bytes) -> bytes:
    """Return a message with the length of all messages. Raises ValueError if it is longer."""
    if len(plain) > PLAIN_BYTES:
        raise ValueError("too long for a push message")
    return plain.ljust(PLAIN_BYTES)


def authorization(private: bytes, audience: str, contact: str, expires_at: int) -> str:
    """Return the header that says who sends: the chat, signed for one push service.

    `contact`: whom its operators may write to. `expires_at`: in seconds since 1970.
    """
    claims = {"aud": audience, "exp": expires_at, "sub": contact}
    signed = jwt.encode(claims, _private(private), algorithm="ES256")
    return f"vapid t={signed}, k={encoded(public_key(private))}"


def _private(number: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(number, "big"), CURVE)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def _derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
