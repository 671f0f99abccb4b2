"""Naming people in a text: `@name`, and the mark that it is shown by."""

from __future__ import annotations

import re

from markupsafe import escape

ROOM = "room"      # what `@room` names: everybody in it
MOST_NAMES = 50    # different ones in a text; what comes after them names nobody
MOST_MARKS = 50    # that name somebody in a text; what comes after them is text, and calls nobody
MARK_CHARACTERS = 80  # of a mark beside the name, or somewhat fewer

NAME = re.compile(r"(?<![^\W_])(?<![/.@-])@([\w.-]{2,32})(?![\w@])")


def names_in(body: str) -> set[str]:
    """What `body` may name: each `@name` as it stands and without the punctuation behind it, casefolded."""
    if "@" not in body:
        return set()
    found: dict[str, None] = {}
    for match in NAME.finditer(body):
        found |= dict.fromkeys(folded for _, folded in readings(match[1]))
        if len(found) >= MOST_NAMES:
            break
    return set(found)


def readings(name: str) -> list[tuple[int, str]]:
    """`bob.` → `bob.`, `bob`: the longest that somebody bears is meant. Each with where it ends: casefolded it may be longer."""
    least = len(name.rstrip("._-"))
    return [(end, name[:end].casefold()) for end in range(len(name), max(least, 2) - 1, -1)]


def mark(name: str, meant: str) -> str:
    who = f'class="mention" data-user-id="{meant}"' if meant != ROOM else 'class="mention mention-room"'
    return f"<span {who}>@{escape(name)}</span>"
