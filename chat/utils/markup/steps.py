"""Limit the work that a text may cause, in steps of the parser, about 3 µs each."""

from __future__ import annotations

from typing import Any

AT_ONCE = 600  # steps that each pass may take in advance, anywhere in a text
# Characters that allow one more step. Documents need a step for ten characters, logs and tables for
# five, lists of short addresses or of tasks for three.
CHARACTERS_A_STEP = 3


class TooMuch(Exception):
    """The text takes too long to parse."""


class Steps:
    """The steps that are left for a text.

    The parser passes over a text twice: for its blocks, and for the content of their lines. In each
    pass the steps must not run ahead of the characters. So the parser gives up early on a text that
    was made to be slow, but not on a long text with much markup.
    """

    __slots__ = ("_began", "_least", "left", "reached")

    def __init__(self, left: int):
        self.left = left
        self.begin_pass()

    def begin_pass(self) -> None:
        self._began = self.left
        self.reached = 0  # characters that this pass has parsed
        self._least = max(0, self._began - AT_ONCE)

    def spend(self, steps: int) -> None:
        """Subtract steps from those left. Raises TooMuch."""
        self.left -= steps
        if self.left < self._least:
            self._least = max(0, self._began - AT_ONCE - self.reached // CHARACTERS_A_STEP)
            if self.left < self._least:
                raise TooMuch


def spend(env: Any, steps: int) -> None:
    """Subtract steps from those left for a text. Raises TooMuch."""
    env["steps"].spend(steps)
