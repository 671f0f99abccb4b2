"""Password hashes: bcrypt over a digest, so that every byte of a long password counts."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Iterable

import bcrypt
from zxcvbn import zxcvbn

ROUNDS = 12  # 2**12 bcrypt rounds, about a quarter of a second; raise it over the years
LEAST_SCORE = 2  # of 0 to 4: somebody who tries at the door needs more than a million guesses
# zxcvbn tries each combination of the letters that signs may stand for. With these two limits it
# takes less than 12 ms, whatever is judged, and without them more than a second.
JUDGED_CHARACTERS = 20
JUDGED_SIGNS = 2  # kinds of them
SIGNS_OF_LETTERS = frozenset("@({[<!|$+%")
DIGEST_CHARACTERS = 31  # of bcrypt's text, after the salt


def is_easily_guessed(password: str, known: Iterable[str] = ()) -> bool:
    """Return whether programs that guess passwords find this one early.

    `known`: what they would try first, like the person's names. What follows the first characters
    makes no password weaker.
    """
    found = zxcvbn(_judged(_normal(password)), user_inputs=[each for each in known if each])
    return int(found["score"]) < LEAST_SCORE


def _judged(password: str) -> str:
    first = password[:JUDGED_CHARACTERS]
    signs = [each for each in dict.fromkeys(first) if each in SIGNS_OF_LETTERS]
    return "".join("~" if each in signs[JUDGED_SIGNS:] else each for each in first)


def hash_password(password: str) -> str:
    """Return the bcrypt hash to store. Takes about 0.25 s of CPU: call it off the event loop."""
    return bcrypt.hashpw(_digest(password), bcrypt.gensalt(ROUNDS)).decode()


def verify_password(password: str, hashed: str) -> bool:
    """Return whether `password` made `hashed`. As slow as hashing."""
    return bcrypt.checkpw(_digest(password), hashed.encode())


def hash_of_nothing() -> str:
    """Return a hash that no password has; verifying it takes as long as another.

    It is for unknown names, and for people who have no password.
    """
    return bcrypt.gensalt(ROUNDS).decode() + "." * DIGEST_CHARACTERS


def is_of_nothing(hashed: str) -> bool:
    """Return whether it is a hash that no password has."""
    return hashed.endswith("." * DIGEST_CHARACTERS)


def _digest(password: str) -> bytes:
    # bcrypt reads 72 bytes and stops at a NUL; 44 characters of base64 avoid both limits.
    return base64.b64encode(hashlib.sha256(_normal(password).encode()).digest())


def _normal(password: str) -> str:
    # NFKC, because two keyboards may send the same password composed or decomposed. The `normalize`
    # of utils/text.py would remove marks, but every character of a password counts;
    # schemas/users.py limits their number.
    return unicodedata.normalize("NFKC", password)
