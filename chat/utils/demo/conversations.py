"""Read the conversations of the demo world from their file, whose head describes the form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("conversations.txt")
_HEAD = re.compile(r"== (\w+) \| (\d+) \| (\d\d):(\d\d)")
_SAID = re.compile(r"(\*?)([\w ]+?)(?: ([^\w\s:]+))?: (.*)")


@dataclass
class Line:
    """What somebody says: `icon` is an app's, and None for a person.

    `answers`: how many messages above the answered one is; 0 for none.
    """

    name: str
    text: str
    icon: str | None = None
    is_app: bool = False
    answers: int = 0
    earlier: str = ""
    is_pinned: bool = False
    drawing: str = ""
    alt: str = ""
    reactions: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)


@dataclass
class Conversation:
    """`minute`: of the day on which it began."""

    room: str
    days_ago: int
    minute: int
    lines: list[Line] = field(default_factory=list)


@cache
def conversations() -> tuple[Conversation, ...]:
    """Return all conversations, in the order of the file."""
    return tuple(_read(FILE.read_text(encoding="utf-8")))


def _read(text: str) -> Iterator[Conversation]:
    current: Conversation | None = None
    is_code = False
    for row in text.splitlines():
        if found := _HEAD.fullmatch(row):
            if current:
                yield current
            room, days, hours, minutes = found.groups()
            current = Conversation(room, int(days), 60 * int(hours) + int(minutes))
        elif current and (is_code or row.startswith("```")):
            current.lines[-1].text += f"\n{row}"
            is_code = is_code != row.startswith("```")
        elif current and row and not row.startswith("#"):
            _take(current, row)
    if current:
        yield current


def _take(current: Conversation, row: str) -> None:
    sign, _space, rest = row.partition(" ")
    if sign == "^":
        current.lines[-1].answers = int(rest)
    elif sign == "+":
        emoji, *people = rest.split()
        current.lines[-1].reactions.append((emoji, tuple(people)))
    elif sign == "~":
        current.lines[-1].earlier = rest
    elif sign == "!":
        current.lines[-1].is_pinned = True
    elif sign == "@":
        current.lines[-1].drawing, _comma, current.lines[-1].alt = rest.partition(", ")
    elif found := _SAID.fullmatch(row):
        star, name, icon, text = found.groups()
        current.lines.append(Line(name, text, icon, is_app=bool(star)))
    else:
        raise ValueError(f"{FILE.name}: {row}")
