"""Split a query into parts: words, phrases in quotation marks, filters.

Quotation marks and colons of all keyboards count; a phrase may lack its closing mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from chat.utils.folding import fold_signs

FILTERS = ("from", "in", "after", "before", "on", "during", "has")
# Filters that only other programs have. The chat searches for them as words, and tells the person.
NO_FILTERS = frozenset(
    {
        "to",
        "is",
        "with",
        "by",
        "at",
        "since",
        "until",
        "date",
        "type",
        "room",
        "channel",
        "author",
        "user",
        "sender",
        "mentions",
        "subject",
        "file",
        "filename",
        "link",
        "sort",
        "order",
    }
)

_LEFT_OUT = re.compile(r"-(?=[^\s-])")
_FILTER = re.compile(rf"(?P<name>{'|'.join(FILTERS)}):\s*", re.IGNORECASE)
_VALUE = re.compile(
    r"""[@#]?(?:"(?P<quoted>[^"]*)"?|'(?P<single>[^']*)'(?!\w)|(?P<word>[^\s"]+))"""
)
_PHRASE = re.compile(r'"(?P<text>[^"]*)"?')
_SINGLE = re.compile(r"'(?P<text>[^\s'](?:[^']|'(?=\w))*)'(?!\w)")
_SINGLE_END = re.compile(r"'(?!\w)")
_WORD = re.compile(r'(?:[^\s"]|(?<=\d)"(?=\s|\Z))+')  # 24" is a length
_OTHER_FILTER = re.compile(r"(?P<name>[A-Za-z]{2,12}):(?=(?P<value>[^\W\d_@#]|[@#\"\d]))")
AROUND_NAMES = ",;，；、。"


@dataclass(frozen=True)
class Part:
    """A word, a phrase, or the value of the filter `name`. `left_out`: no result may have it."""

    text: str
    name: str = ""
    is_quoted: bool = False
    left_out: bool = False
    is_apart: bool = False  # whether a space separates a filter from its value

    @property
    def typed(self) -> str:
        """Return the part as somebody types it."""
        text = f'"{self.text}"' if self.is_quoted or " " in self.text else self.text
        return f"{'-' * self.left_out}{self.name}{':' * bool(self.name)}{text}"


class _Found(NamedTuple):
    """A part of a query, and where the part ends."""

    part: Part
    end: int


def parts_of(query: str) -> Iterator[Part]:
    """Yield the parts of a query in order."""
    text = fold_signs(query)
    last_single = max((found.start() for found in _SINGLE_END.finditer(text)), default=-1)
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        left_out = _LEFT_OUT.match(text, at) is not None
        at += left_out
        begun = _part_at(text, at, last_single, left_out)
        yield begun.part
        at = begun.end


def no_filter_in(word: str) -> str:
    """Return the name that somebody mistook for a filter, such as `to` in `to:bob`.

    Return an empty text if there is no such name.
    """
    found = _OTHER_FILTER.match(word)
    if found is None:
        return ""
    name = found["name"].lower()
    if name not in NO_FILTERS and found["value"].isdecimal():  # such as port:8080
        return ""
    return name


def _part_at(text: str, at: int, last_single: int, left_out: bool) -> _Found:
    if found := _FILTER.match(text, at):
        return _filter_at(text, found, left_out)
    if found := _PHRASE.match(text, at):
        return _Found(Part(found["text"], is_quoted=True, left_out=left_out), found.end())
    if text[at] == "'" and at < last_single and (found := _SINGLE.match(text, at)):
        return _Found(Part(found["text"], is_quoted=True, left_out=left_out), found.end())
    found = _WORD.match(text, at)
    assert found
    return _Found(Part(found[0], left_out=left_out), found.end())


def _filter_at(text: str, begun: re.Match[str], left_out: bool) -> _Found:
    name = begun["name"].lower()
    is_apart = begun[0][-1].isspace()
    found = _VALUE.match(text, begun.end())
    if found is None or _FILTER.match(text, begun.end()):
        return _Found(Part("", name, left_out=left_out), begun.end())
    if found["word"] is not None:
        value = found["word"].strip(AROUND_NAMES)
        return _Found(Part(value, name, False, left_out, is_apart), found.end())
    quoted = found["single"] if found["quoted"] is None else found["quoted"]
    return _Found(Part(quoted.strip(), name, True, left_out, is_apart), found.end())
