"""Join the words of a name after `from:` or `in:`, which people type without quotation marks.

`from:Bob Fisher tea` means messages by Bob Fisher with "tea", if there is a Bob Fisher: the longest
name wins. If there is also a Bob, a notice says how to search for messages by Bob.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice, takewhile
from typing import NamedTuple

from chat.models.search.query_parts import AROUND_NAMES, Part
from chat.utils.translation import _

NAME_FILTERS = ("from", "in")
MOST_WORDS = 8  # words of a name without quotation marks

# A function of a filter and texts, which returns the texts that are names of people or rooms.
FindNames = Callable[[str, set[str]], set[str]]


def find_none(_: str, __: set[str]) -> set[str]:
    return set()


class Joined(NamedTuple):
    """The parts of a query with each name as one part, and notices for its writer."""

    parts: list[Part]
    notices: list[str]


def with_names_joined(parts: list[Part], find: FindNames) -> Joined:
    """Return the parts with each name as one part. Call `find` once for each filter."""
    known = {name: find(name, texts) for name in NAME_FILTERS if (texts := _texts_of(parts, name))}
    joined = Joined([], [])
    rest = parts
    while rest:
        part = rest[0]
        rest = rest[1:]
        names = [text for text in _texts_at(part, rest) if text in known[part.name]]
        if names and names[0] != part.text:
            if part.text in names:
                joined.notices.append(_choice(part, names[0]))
            rest = rest[names[0].count(" ") - part.text.count(" ") :]
            part = replace(part, text=names[0])
        joined.parts.append(part)
    return joined


def _texts_of(parts: list[Part], name: str) -> set[str]:
    """Return all texts that may be names after a filter."""
    return {
        text
        for at, part in enumerate(parts)
        if part.name == name
        for text in _texts_at(part, parts[at + 1 :])
    }


def _texts_at(part: Part, rest: list[Part]) -> list[str]:
    """Return the texts that may be a filter's name, the longest first; none without a choice."""
    if part.name not in NAME_FILTERS or part.is_quoted or not part.text:
        return []
    plain = takewhile(lambda each: not (each.name or each.is_quoted or each.left_out), rest)
    following = [each.text.strip(AROUND_NAMES) for each in islice(plain, MOST_WORDS - 1)]
    words = [part.text, *takewhile(bool, following)]
    return [" ".join(words[:count]) for count in range(len(words), 0, -1)] if words[1:] else []


def _choice(part: Part, longest: str) -> str:
    rest = longest.removeprefix(f"{part.text} ")
    return _(
        "{filter}: was read as {longest}. For {name} with {rest} in the text, write "
        '{filter}:"{name}" {rest}',
        filter=part.name,
        longest=longest,
        name=part.text,
        rest=rest,
    )
