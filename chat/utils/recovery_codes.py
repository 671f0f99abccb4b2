"""Recovery codes: 50 random bits that people write down, like `7k2mx-q9dfa`."""

from __future__ import annotations

import secrets

COUNT = 10
CHARACTERS = 10  # of a code, in two halves
# Crockford's base32: without letters that look like a digit, and without U
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LOOKALIKES = str.maketrans("oil", "011")


def new() -> list[str]:
    """Return a set of new codes, as `plain` has them."""
    return ["".join(secrets.choice(ALPHABET) for _ in range(CHARACTERS)) for _ in range(COUNT)]


def shown(code: str) -> str:
    """Return a plain code as people read it."""
    return f"{code[: CHARACTERS // 2]}-{code[CHARACTERS // 2 :]}"


def plain(typed: str) -> str:
    """Return a code without what people type differently: case, spaces, hyphens, lookalikes."""
    return "".join(typed.split()).replace("-", "").lower().translate(LOOKALIKES)
