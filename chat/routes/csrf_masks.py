"""Mask the CSRF token of each page anew.

The length of a compressed page reveals whether a guess in it is like something else in it. A token
that differs each time cannot be guessed letter by letter.
"""

from __future__ import annotations

import re
import secrets

TOKEN = re.compile(r"[0-9a-f]{64}\Z")
MASKED = re.compile(r"[0-9a-f]{128}\Z")


def masked(token: str) -> str:
    """Return a random mask and the token under it; empty if this is no token."""
    if not TOKEN.match(token):
        return ""
    mask = secrets.token_bytes(32)
    return (mask + _under(mask, bytes.fromhex(token))).hex()


def is_masked(sent: str) -> bool:
    """Return whether this looks like what `masked` returned."""
    return bool(MASKED.match(sent))


def unmasked(sent: str) -> str:
    """Return the token of what `masked` returned; anything else as it is."""
    if not is_masked(sent):
        return sent
    both = bytes.fromhex(sent)
    return _under(both[:32], both[32:]).hex()


def _under(mask: bytes, token: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(mask, token, strict=True))
