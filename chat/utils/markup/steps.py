"""How much work a text may cause, in steps of the parser, about 3 µs each."""

from __future__ import annotations

from typing import Any


class TooMuch(Exception):
    """The text takes too long to parse."""


def spend(env: Any, steps: int) -> None:
    """Subtract steps from those left of a text. Raises TooMuch."""
    env["steps"] -= steps
    if env["steps"] < 0:
        raise TooMuch
