"""Find numbers whose digits are in groups."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from chat.utils.folding import fold
from chat.utils.words import SHORTEST_NUMBER
from chat.utils.words.patterns import DIGITS, NUMBER
from chat.utils.words.units import whole_of


class Number(NamedTuple):
    """Digits in groups. `starts`: the number of digits before each group.

    `places`: where each group begins and ends in the text.
    """

    digits: str
    starts: list[int]
    places: list[tuple[int, int]]

    def find(self, wanted: str, *, is_open: bool) -> tuple[int, int] | None:
        """Return where the text has the digits `wanted`, beginning with a group; else None."""
        for number, start in enumerate(self.starts):
            if start and len(wanted) < SHORTEST_NUMBER:
                break
            if not self.digits.startswith(wanted, start):
                continue
            end = start + len(wanted)
            if is_open or end == len(self.digits):
                last = bisect_left(self.starts, end) - 1
                return self.places[number][0], self.places[last][1]
        return None


def numbers_in(text: str) -> Iterator[Number]:
    """Yield numbers that are written in groups, such as `+1 (555) 123-4567`."""
    for match in NUMBER.finditer(text):
        places = [found.span() for found in DIGITS.finditer(text, *match.span())]
        groups = [fold(text[start:end]) for start, end in places]
        if digits := whole_of(groups):
            yield Number(digits, list(accumulate(map(len, groups[:-1]), initial=0)), places)
