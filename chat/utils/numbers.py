"""Read the numbers that people and programs send."""

from __future__ import annotations


def whole_number(text: str, digits: int) -> int | None:
    """Return the number that `text` writes in 1 to `digits` digits, 0 to 9; None for other text.

    `int` alone raises ValueError for thousands of digits.
    """
    if len(text) > digits or not text.isascii() or not text.isdecimal():
        return None
    return int(text)
