"""Find mentions in a text, like `@name`, and show them as marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from markupsafe import escape

from chat.utils.characters import SPACELESS, WORD, kind
from chat.utils.text import normalize

ROOM = "room"  # the target of `@room`: everybody in the room
MOST_NAMES = 50  # names after an `@` in a text; later names mention nobody
MOST_READINGS = 500  # readings of all those names together
MOST_MARKS = 50  # shown mentions of a text; later ones remain text, and notify nobody
MARK_CHARACTERS = 80  # the longest HTML of a mark, without the name

NAME = re.compile(r"[@＠]([\w.-]{2,32})(?![@＠])")
_JOINED = re.compile(r"[@＠][\w.-]{1,32}[/.-]\Z")


class Named(NamedTuple):
    meant: str  # an id, or ROOM
    end: int  # where the name ends in the text


def names_in(body: str) -> set[str]:
    """Return the names that `body` may mention: each reading of each `@name`, folded."""
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
    """Return the mention at the `@` at `start`: of the longest name there that somebody has."""
    if not names:
        return None
    match = NAME.match(text, start)
    if match is None or not _may_begin(text, start):
        return None
    for end, folded in readings(match[1]):
        if meant := names.get(folded):
            return Named(meant, start + 1 + end)
    return None


def _may_begin(text: str, start: int) -> bool:
    """Return whether an `@` is neither in a mail or web address nor in a word."""
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
    """Yield each name with which `name` may begin, longest first: its end, and its folded form.

    `bob.` → `bob.`, `bob`. In scripts without spaces, words follow a name directly: `aliceさん`
    → …, `alice`.
    """
    for end in range(len(name), 1, -1):
        if end == len(name) or not name[end:].strip("._-") or _may_end(name, end):
            yield end, fold(name[:end])


def _may_end(name: str, end: int) -> bool:
    """Return whether a name may end at `end`, within a word.

    It may, beside a letter of a script without spaces.
    """
    after = kind(name[end])
    return after == SPACELESS or (after == WORD and kind(name[end - 1]) == SPACELESS)


def fold(name: str) -> str:
    """Return a name in the form in which usernames are compared: without width and case."""
    return normalize("NFKC", name).casefold()


def mark(written: str, meant: str) -> str:
    """Return the HTML that shows a mention in a message. `written`: the name with its `@`."""
    who = f'class="mention" data-user-id="{meant}"'
    if meant == ROOM:
        who = 'class="mention mention-room"'
    return f"<span {who}>{escape(written)}</span>"
