"""Tell a command, `/topic Tides`, from a text that only begins with a slash: docs/commands.md.

A command is a word of lower-case letters and hyphens behind the slash, and then a space or the end.
A word that nobody knows is one only if it stands alone: `/shrgu` is a slip, `/etc is full` a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

LONGEST_NAME = 32
NAME = rf"[a-z](?:[a-z-]{{0,{LONGEST_NAME - 2}}}[a-z])?"
_COMMAND = re.compile(rf"/(?P<name>{NAME})(?: +(?P<rest>\S.*))?", re.DOTALL)


class Typed(NamedTuple):
    """A command as somebody typed it. `rest`: what follows its name."""

    name: str
    rest: str


def typed_in(text: str, is_known: Callable[[str], bool]) -> Typed | None:
    """Return the command that a clean text is; None for a text to post. `is_known`: by its name."""
    found = _COMMAND.fullmatch(text.rstrip())
    if found is None:
        return None
    typed = Typed(found["name"], found["rest"] or "")
    return typed if not typed.rest or is_known(typed.name) else None


def text_to_post(text: str) -> str:
    """Return what is posted of a text that is no command: `//me` posts `/me`."""
    return text[1:] if text.startswith("//") and _COMMAND.fullmatch(text[1:].rstrip()) else text
