"""The units of a text: words, signs and emoji, in order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import regex

from chat.utils.emojis import emoji_from
from chat.utils.folding import fold, fold_signs
from chat.utils.words import LONGEST_REMEMBERED, REMEMBERED, SHORTEST_NUMBER
from chat.utils.words.patterns import (
    ASCII_UNITS,
    BOUNDARY,
    ENDS,
    IGNORED_RUN,
    LETTERS_AND_DIGITS,
    PIECES,
    PLAIN_WORD,
    RUNS,
    SHADES,
    UNITS,
)
from chat.utils.words.signs import before_word, behind_word, sign_before, signs_behind

THOUSAND = 3  # digits of each group but the first, as in 10 000
MOST_INNER = 4  # boundaries inside a word


class Unit(NamedTuple):
    """A word, a sign or an emoji.

    `start` and `end` count characters of the text as it was given.
    """

    text: str
    start: int
    end: int
    is_word: bool
    joined: bool = False  # the sign directly follows another sign
    # The rest of the word after each boundary inside it; or the words of an emoji's name.
    inner: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()  # the terms of the word together with a sign that belongs to it
    whole: str = ""  # the word together with the words that signs join to it
    more: int = 0  # the number of those other words


def units_of(text: str) -> Iterator[Unit]:
    """Yield the units of a text in order."""
    for start, unit in placed_units(text):
        yield unit._replace(start=start + unit.start, end=start + unit.end)


def placed_units(text: str) -> Iterator[tuple[int, Unit]]:
    """Yield units of a text, each with an offset to add: cached units are shared between texts."""
    for piece in PIECES.finditer(text):
        start = piece.start()
        for unit in _units_of_piece(piece.group()):
            yield start, unit


def whole_of(words: list[str]) -> str:
    """Return several words joined into one.

    Returns an empty text for a single word, and for digits that are not one number, like 1.2.3.
    """
    whole = "".join(words)
    if len(words) < 2:
        return ""
    if (
        whole.isdecimal()
        and len(whole) < SHORTEST_NUMBER
        and not all(len(each) == THOUSAND for each in words[1:])
    ):
        return ""
    return whole


def _units_of_piece(piece: str) -> Iterable[Unit]:
    if len(piece) <= LONGEST_REMEMBERED:
        return _units_of_short(piece)
    return units_in(piece)


@lru_cache(REMEMBERED)
def _units_of_short(piece: str) -> tuple[Unit, ...]:
    return tuple(units_in(piece))


def units_in(piece: str) -> Iterable[Unit]:
    """Return the units of a piece of text without whitespace, which is not cached."""
    # A fast path, which takes a fifth of the time of the code below.
    if PLAIN_WORD.fullmatch(piece) and not _may_have_boundaries(piece):
        word = piece.rstrip(ENDS)
        text = fold(word)
        if not text:
            return ()
        return (Unit(text, 0, len(word), True),)
    return _all_units_in(piece)


def _all_units_in(piece: str) -> Iterator[Unit]:
    """Yield the units of a piece, words with the signs that belong to them."""
    previous: Unit | None = None
    for unit in _bare_units_in(piece):
        signs = _signs_in(piece[previous.end if previous else 0 : unit.start])
        if signs and unit.is_word and (sign := sign_before(signs, unit.text)):
            unit = unit._replace(signed=(before_word(sign, unit.text),))
        if previous:
            yield _with_signs_behind(previous, signs)
        previous = unit
    if previous:
        yield _with_signs_behind(previous, _signs_in(piece[previous.end :]))


def _with_signs_behind(unit: Unit, signs: str) -> Unit:
    if not signs or not unit.is_word or not (run := signs_behind(signs)):
        return unit
    return unit._replace(signed=(*unit.signed, behind_word(unit.text, run)))


def _bare_units_in(piece: str) -> Iterator[Unit]:
    sign_ended = -1
    for match in _matches_in(piece):
        kind = match.lastgroup
        start = match.start()
        end = match.end()
        if kind == "sign":
            if sign := _sign(match.group()):
                yield Unit(sign, start, end, False, _is_nothing(piece, sign_ended, start))
            sign_ended = end
            continue
        sign_ended = -1
        if kind == "chunk":
            yield from _words_of(match.group(), start)
        elif kind == "emoji":
            yield Unit(_emoji(match.group()), start, end, False)
        elif emoji := _named(match["name"]):
            yield Unit(
                emoji, start, end, False, inner=tuple(unit.text for unit in _words_in(match))
            )
        else:
            yield from _words_in(match)


def _matches_in(piece: str) -> Iterable[re.Match[str] | regex.Match[str]]:
    if piece.isascii():
        return ASCII_UNITS.finditer(piece)
    return UNITS.finditer(piece)


_sign = lru_cache(REMEMBERED)(fold)


def _is_nothing(text: str, start: int, end: int) -> bool:
    """Return whether nothing visible is between `start` and `end`."""
    return start == end or (start >= 0 and IGNORED_RUN.fullmatch(text, start, end) is not None)


@lru_cache(REMEMBERED)
def _emoji(sign: str) -> str:
    return SHADES.sub("", sign)


@lru_cache(REMEMBERED)
def _named(name: str) -> str:
    return SHADES.sub("", emoji_from(f":{name}:") or "")


def _words_in(match: re.Match[str] | regex.Match[str]) -> Iterator[Unit]:
    """Yield the words of an emoji's name between two colons."""
    for found in RUNS.finditer(match["name"]):
        if text := fold(found.group()):
            start = match.start("name") + found.start()
            yield Unit(text, start, start + len(found.group()), True)


def _words_of(chunk: str, place: int) -> list[Unit]:
    """Return the words of a chunk, which signs join. `place`: the offset of the chunk."""
    if chunk.isascii() and chunk.isalnum():
        return [Unit(fold(chunk), place, place + len(chunk), True, inner=_inner_of(chunk))]
    units = [
        Unit(text, place + found.start(), place + found.end(), True, inner=_inner_of(found.group()))
        for found in RUNS.finditer(chunk)
        if (text := fold(found.group()))
    ]
    if len(units) > 1 and (whole := whole_of([unit.text for unit in units])):
        units[0] = units[0]._replace(whole=whole, more=len(units) - 1)
    return units


def _signs_in(gap: str) -> str:
    if gap.isascii():
        return gap
    return IGNORED_RUN.sub("", fold_signs(gap))


def _inner_of(run: str) -> tuple[str, ...]:
    """Return the rest of a word after each boundary inside it."""
    if len(run) > LONGEST_REMEMBERED:
        return ()
    starts = list[int]()
    if _may_have_boundaries(run):
        starts += (found.start() for found in islice(BOUNDARY.finditer(run), MOST_INNER))
    if run[0].isdecimal() != run[-1].isdecimal() and (two := LETTERS_AND_DIGITS.fullmatch(run)):
        starts.append(two.start(two.lastgroup or 0))
    return tuple(filter(None, (fold(run[start:]) for start in starts)))


def _may_have_boundaries(run: str) -> bool:
    rest = run[1:]
    return (rest != rest.lower() and not run.isupper()) or not run.isprintable()
