"""Naming people in a text: `@name`, and the mark that it is shown by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from markupsafe import escape

from chat.utils.characters import SPACELESS, WORD, kind
from chat.utils.text import normalize

ROOM = "room"  # what `@room` names: everybody in it
MOST_NAMES = 50  # of `@` with a name behind it in a text; what comes after them names nobody
MOST_READINGS = 500  # of what those may name
MOST_MARKS = 50  # that name somebody in a text; what comes after them is text, and calls nobody
MARK_CHARACTERS = 80  # of a mark beside the name, or somewhat fewer

NAME = re.compile(r"[@＠]([\w.-]{2,32})(?![@＠])")
_JOINED = re.compile(r"[@＠][\w.-]{1,32}[/.-]\Z")
_ENDS_WORD = re.compile(r"(?:[^\W_]|_)\Z")


class Named(NamedTuple):
    meant: str  # an id, or ROOM
    end: int  # where the name ends in the text


def names_in(body: str) -> set[str]:
    """Return what `body` may name: each reading of each `@name`, folded."""
    found: set[str] = set()
    if "@" not in body and "＠" not in body:
        return found
    for count, match in enumerate(NAME.finditer(body)):
        if count == MOST_NAMES or len(found) > MOST_READINGS:
            break
        if _may_begin(body, match.start()):
            found.update(folded for _, folded in readings(match[1]))
    return found


def named_at(text: str, start: int, names: Mapping[str, str]) -> Named | None:
    """Return whom the `@` at `start` names, by the longest name there that somebody bears."""
    match = NAME.match(text, start) if names else None
    if match is None or not _may_begin(text, start):
        return None
    for end, folded in readings(match[1]):
        if meant := names.get(folded):
            return Named(meant, start + 1 + end)
    return None


def _may_begin(text: str, start: int) -> bool:
    """Tell whether an `@` is none of a mail or web address, nor of a word."""
    before = text[start - 1 : start]
    if not before or before not in "/.-@＠":
        return kind(before) != WORD
    if before in "@＠":
        return False
    if before == "/":
        return _JOINED.search(text, max(0, start - 34), start) is not None
    behind_signs = text[:start].rstrip(".-")[-1:]
    return kind(behind_signs) != WORD or _JOINED.search(text, max(0, start - 34), start) is not None


def readings(name: str) -> Iterator[tuple[int, str]]:
    """The names that may stand at the beginning of `name`, the longest first: where each ends, and it folded.

    `bob.` → `bob.`, `bob`. Words of scripts without spaces join a name: `aliceさん` → …, `alice`.
    """
    for end in range(len(name), 1, -1):
        if end == len(name) or not name[end:].strip("._-") or _may_end(name, end):
            yield end, fold(name[:end])


def _may_end(name: str, end: int) -> bool:
    """Tell whether a name may end within a word: before a letter that stands without spaces, or behind one."""
    after = kind(name[end])
    return after == SPACELESS or (after == WORD and kind(name[end - 1]) == SPACELESS)


def fold(name: str) -> str:
    """Return a name as usernames are compared: full-width letters as others, capitals as small."""
    return normalize("NFKC", name).casefold()


def mark(written: str, meant: str) -> str:
    """Return what shows a name in a message. `written`: with its `@`."""
    who = (
        f'class="mention" data-user-id="{meant}"'
        if meant != ROOM
        else 'class="mention mention-room"'
    )
    return f"<span {who}>{escape(written)}</span>"
