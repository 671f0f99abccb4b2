"""The terms by which a text is found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

from chat.utils.time_slices import in_time_slices
from chat.utils.words import (
    AT_A_TIME,
    LONGEST_PREFIX,
    LONGEST_REMEMBERED,
    REMEMBERED,
    SHORTEST_NUMBER,
    SHORTEST_PREFIX,
)
from chat.utils.words.numbers import Number, numbers_in
from chat.utils.words.patterns import APART, ASCII_RUNS
from chat.utils.words.units import units_in


def terms_of(text: str) -> set[str]:
    """Return all terms by which a text can be found."""
    return set(chain.from_iterable(groups_of(text)))


def groups_of(text: str) -> set[tuple[str, ...]]:
    """Return the terms of a text in groups.

    A group has the terms of one word. Each occurrence of the word gives the same tuple.
    """
    pieces = in_time_slices(text.split(), AT_A_TIME)
    groups = set(chain.from_iterable(map(_groups_of_piece, pieces)))
    for number in numbers_in(text):
        groups.update(_groups_of_number(number))
    return groups


def _groups_of_piece(piece: str) -> Iterable[tuple[str, ...]]:
    """Return the terms of a piece of text without whitespace, in groups."""
    if len(piece) <= LONGEST_REMEMBERED:
        return _groups_of_short(piece)
    return in_time_slices(_groups_in(piece), AT_A_TIME)


@lru_cache(REMEMBERED)
def _groups_of_short(piece: str) -> tuple[tuple[str, ...], ...]:
    return tuple(_groups_in(piece))


def _groups_in(piece: str) -> Iterable[tuple[str, ...]]:
    if APART.fullmatch(piece):
        words = ASCII_RUNS.findall(piece)
        if all(map(_is_one_word, words)):
            return [_beginnings(word[:LONGEST_PREFIX].lower()) for word in words]
    return _groups_of_units(piece)


def _is_one_word(run: str) -> bool:
    """Return whether a run of ASCII letters and digits has no boundary inside."""
    return run.isdecimal() or (run.isalpha() and (run[1:].islower() or len(run) == 1))


def _groups_of_units(piece: str) -> Iterator[tuple[str, ...]]:
    before = ""
    for unit in units_in(piece):
        yield _beginnings(unit.text[:LONGEST_PREFIX]) if unit.is_word else (unit.text,)
        for text in unit.inner:
            yield _beginnings(text[:LONGEST_PREFIX])
        if unit.whole:
            yield _beginnings(unit.whole[:LONGEST_PREFIX])
        for text in unit.signed:
            yield (text,)
        if unit.joined:
            yield (before + unit.text,)
        before = unit.text


def _groups_of_number(number: Number) -> Iterator[tuple[str, ...]]:
    yield _beginnings(number.digits[:LONGEST_PREFIX])
    for start in number.starts[1:]:
        if len(number.digits) - start >= SHORTEST_NUMBER:
            yield (
                number.digits[start : start + SHORTEST_NUMBER],
                number.digits[start : start + LONGEST_PREFIX],
            )


@lru_cache(REMEMBERED)
def _beginnings(beginning: str) -> tuple[str, ...]:
    """Return the terms of a word, given its first letters up to LONGEST_PREFIX."""
    if len(beginning) < SHORTEST_PREFIX:
        return (beginning,)
    return tuple(beginning[:length] for length in range(SHORTEST_PREFIX, len(beginning) + 1))
