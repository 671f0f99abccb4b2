"""How much work a text may be: counted in steps of the parser, some 3 µs each."""

from __future__ import annotations

from typing import Any


class TooMuch(Exception):
    """The text takes too long."""


def spend(env: Any, steps: int) -> None:
    """Take steps off what is left of a text's. Raises TooMuch."""
    env["steps"] -= steps
    if env["steps"] < 0:
        raise TooMuch
