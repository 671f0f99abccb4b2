"""Password hashes: bcrypt over a digest, so that no byte of a long password is ignored."""

from __future__ import annotations

import base64
import hashlib
import unicodedata

import bcrypt

ROUNDS = 12  # 2**12 bcrypt rounds, about a quarter of a second; raise with the years
DIGEST_CHARACTERS = 31  # of bcrypt's text, behind its salt


def hash_password(password: str) -> str:
    """The bcrypt text to keep. Takes about 0.25 s of CPU: call it off the event loop."""
    return bcrypt.hashpw(_digest(password), bcrypt.gensalt(ROUNDS)).decode()


def verify_password(password: str, hashed: str) -> bool:
    """Whether `password` made `hashed`. As slow as hashing."""
    return bcrypt.checkpw(_digest(password), hashed.encode())


def hash_of_nothing() -> str:
    """Return a hash of no password, as costly to verify as a real one: for unknown names."""
    return bcrypt.gensalt(ROUNDS).decode() + "." * DIGEST_CHARACTERS


def _digest(password: str) -> bytes:
    # bcrypt reads 72 bytes and stops at a NUL. 44 characters of base64 have neither trouble. NFKC, because the
    # same password typed on two keyboards may arrive composed or decomposed. Not by utils/text.py, which drops marks of
    # a long run: every character of a password counts, and it has few enough of them (schemas/users.py).
    normal = unicodedata.normalize("NFKC", password)
    return base64.b64encode(hashlib.sha256(normal.encode()).digest())
