"""From a text to what search compares: words without case and accents, signs of scripts that put no spaces, emoji.

A word is found by its beginning: by 3 to 8 letters of it, or by all of it when it has only one or two. A text in a script
that puts no spaces is found by each sign and by every two that stand side by side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import regex

from chat.utils.pieces import in_pieces
from chat.utils.text import normalize

VERSION = 1  # of the rules: one more with every change of what a text is found by, so that what is indexed is indexed anew
SHORTEST_PREFIX, LONGEST_PREFIX = 3, 8  # letters
REMEMBERED = 10_000                     # words with what they are found by: people use the same ones again and again
AT_A_TIME = 100                         # units between two looks at the clock: a fifth of a millisecond

_SIGNS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ーｰ"
_UNITS = regex.compile(
    rf"(?P<sign>[{_SIGNS}][\p{{M}}ﾞﾟ]*)"
    rf"|(?P<word>[[\p{{L}}\p{{N}}\p{{M}}]--[{_SIGNS}]]+)"
    r"|(?P<emoji>\p{RI}{2}|\p{Extended_Pictographic}[\p{EMod}\uFE0E\uFE0F]*(?:\u200D\p{Extended_Pictographic}[\p{EMod}\uFE0E\uFE0F]*)*)",
    regex.VERSION1,
)
_ASCII_WORD = re.compile(r"[a-z0-9]+")  # all that _UNITS finds in a text that is ASCII, once it is folded
# What writers add or leave out: accents of Latin, Greek and Cyrillic, points of Hebrew, vowel signs and lengthening of Arabic.
# Not all marks: in Indic scripts they are vowels, in Japanese they make another sound.
_ACCENTS = regex.compile(r"[\u0300-\u036F\u0591-\u05C7\u0640\u064B-\u065F\u0670]")
_SHADES = regex.compile(r"[\uFE0E\uFE0F\U0001F3FB-\U0001F3FF]")  # variation and skin tones: 👍🏽 is found by 👍


class Unit(NamedTuple):
    """A word, a sign or an emoji. `start` and `end` count characters of the text as it was given."""

    text: str
    start: int
    end: int
    is_word: bool
    joined: bool  # a sign right behind another sign


def units_of(text: str) -> Iterator[Unit]:
    """Yield what a text consists of, in order."""
    sign_ended = -1
    for match in _UNITS.finditer(text):
        kind, (start, end) = match.lastgroup, match.span()
        folded = _SHADES.sub("", match.group()) if kind == "emoji" else _fold(match.group())
        if folded:
            yield Unit(folded, start, end, kind == "word", kind == "sign" and start == sign_ended)
        if kind == "sign":
            sign_ended = end


def terms_of(text: str) -> set[str]:
    """All that a text can be found by."""
    return set(chain.from_iterable(groups_of(text)))


def groups_of(text: str) -> set[tuple[str, ...]]:
    """The same in groups: what one word is found by, which is the same tuple wherever the word stands."""
    if text.isascii():  # a third of the time of what follows
        return set(map(_terms_of_word, {word[:LONGEST_PREFIX] for word in _ASCII_WORD.findall(text.lower())}))
    groups: set[tuple[str, ...]] = set()
    before = ""
    for unit in in_pieces(units_of(text), AT_A_TIME):
        groups.add(_terms_of_word(unit.text[:LONGEST_PREFIX]) if unit.is_word else (unit.text,))
        if unit.joined:
            groups.add((before + unit.text,))
        before = unit.text
    return groups


@lru_cache(REMEMBERED)
def _terms_of_word(beginning: str) -> tuple[str, ...]:
    """`beginning`: a word, cut to LONGEST_PREFIX."""
    if len(beginning) < SHORTEST_PREFIX:
        return (beginning,)
    return tuple(beginning[:length] for length in range(SHORTEST_PREFIX, len(beginning) + 1))


def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    folded = normalize("NFKD", normalize("NFKC", word).casefold())
    return normalize("NFC", _ACCENTS.sub("", folded))
