"""Body: where a text contains the words of a query.

The place of a word is its number in the text. An integer stores a set of places as bits, so that
one operation compares all places.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from chat.models.search.phrase import Phrase
from chat.models.search.signs import Need, gap_of, met_by
from chat.utils.time_slices import Work, in_time_slices
from chat.utils.words import AT_A_TIME
from chat.utils.words.numbers import Number, numbers_in
from chat.utils.words.units import placed_units

Span = tuple[int, int]


class Wanted(NamedTuple):
    """The words of a query, and the beginnings of words."""

    words: set[str]
    beginnings: tuple[str, ...]


@dataclass
class Body:
    """A text, with the places of a query's words in it.

    An integer stores a set of places as bits, so that one operation compares all places.
    """

    text: str
    places: list[Span]  # place -> the characters of the word there
    joined: int  # the places of signs directly after another sign
    exact: dict[str, int]  # a word of the query -> its places
    open: dict[str, int]  # a beginning -> the places of words that begin so
    inner: dict[str, int]  # a word -> the places of words that have it after an inner boundary
    wholes: dict[str, list[Span]]  # a word -> the characters of several words that together form it

    @classmethod
    def of(cls, text: str, wanted: Wanted, work: Work) -> Body:
        words = wanted.words
        beginnings = wanted.beginnings
        exact: dict[str, list[int]] = defaultdict(list)
        open_: dict[str, list[int]] = defaultdict(list)
        inner: dict[str, list[int]] = defaultdict(list)
        wholes: dict[str, list[Span]] = defaultdict(list)
        places: list[Span] = []
        joined: list[int] = []
        for place, (start, unit) in enumerate(work(placed_units(text), AT_A_TIME)):
            places.append((start + unit.start, start + unit.end))
            word = unit.text
            if unit.joined:
                joined.append(place)
            if word in words:
                exact[word].append(place)
            if unit.is_word and word.startswith(beginnings):
                for beginning in beginnings:
                    if word.startswith(beginning):
                        open_[beginning].append(place)
            for part in unit.inner:
                for found in _found_in(part, wanted):
                    inner[found].append(place)
            if unit.whole:
                for found in _found_in(unit.whole, wanted):
                    wholes[found].append((place, place + unit.more))
        return cls(
            text,
            places,
            _bits(joined),
            _bits_by_word(exact),
            _bits_by_word(open_),
            _bits_by_word(inner),
            {
                name: [(places[first][0], places[last][1]) for first, last in each]
                for name, each in wholes.items()
            },
        )

    def places_of(self, phrase: Phrase) -> int:
        """Return the places at which a phrase begins."""
        found = -1
        last = len(phrase.units) - 1
        beginning = phrase.beginning
        for number, unit in enumerate(phrase.units):
            if number == last and beginning is not None:
                places = self.open.get(beginning, 0)
            else:
                places = self.exact.get(unit.text, 0)
            if number == 0 and not phrase.is_quoted and not phrase.needs:
                places |= self.inner.get(unit.text, 0)
            if unit.joined:
                places &= self.joined
            found &= places >> number
            if not found:
                return 0
        for number, needs in enumerate(phrase.needs):
            for need in needs:
                found &= self.gaps.get(need, 0) >> number
        return found

    def wholes_of(self, phrase: Phrase) -> list[Span]:
        """Return where the words of a phrase are one word of the text, or its one word is several.

        In the text, these several words are joined by signs, or are groups of digits.
        """
        found = list[Span]()
        for whole in phrase.wholes:
            found += self.wholes.get(whole, ())
            if len(phrase.units) > 1 or whole != phrase.units[0].text:
                places = self.open if phrase.whole_may_go_on(whole) else self.exact
                found += [self.places[place] for place in _places_in(places.get(whole, 0))]
            if whole.isdecimal():
                spans = (
                    number.find(whole, is_open=phrase.whole_may_go_on(whole))
                    for number in self.numbers
                )
                found += [span for span in spans if span]
        return found

    def spans_of(self, phrase: Phrase, places: int, work: Work) -> Iterator[Span]:
        """Yield the spans of a phrase that begins at `places`, in order and disjoint."""
        length = len(phrase.units)
        begun = _places_in(places, work)
        return merged(
            (self.places[place][0], self.places[place + length - 1][1]) for place in begun
        )

    @cached_property
    def numbers(self) -> list[Number]:
        return list(numbers_in(self.text))

    @cached_property
    def gaps(self) -> dict[Need, int]:
        """Return the signs in gaps -> the places of the words after them."""
        found: dict[Need, list[int]] = defaultdict(list)
        end = 0
        for place, (start, following) in enumerate([*self.places, (len(self.text), 0)]):
            for need in met_by(gap_of(self.text[end:start])):
                found[need].append(place)
            end = following
        return {need: _bits(at) for need, at in found.items()}


def words_of(phrases: Iterable[Phrase]) -> Wanted:
    """Return the words of some phrases, and the words among them that may be beginnings."""
    words: set[str] = set()
    beginnings: set[str] = set()
    for phrase in phrases:
        words.update(unit.text for unit in phrase.units)
        words.update(phrase.wholes)
        beginnings.update(whole for whole in phrase.wholes if phrase.whole_may_go_on(whole))
        if beginning := phrase.beginning:
            beginnings.add(beginning)
    return Wanted(words, tuple(beginnings))


def merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans with touching ones united. `spans` are in the order of their beginnings."""
    now: Span | None = None
    for start, end in spans:
        if now and start <= now[1]:
            now = now[0], max(end, now[1])
        else:
            if now:
                yield now
            now = start, end
    if now:
        yield now


def _found_in(word: str, wanted: Wanted) -> Iterator[str]:
    if word in wanted.words:
        yield word
    if word.startswith(wanted.beginnings):
        yield from (
            beginning
            for beginning in wanted.beginnings
            if beginning != word and word.startswith(beginning)
        )


def _places_in(bits: int, work: Work = in_time_slices) -> Iterator[int]:
    """Yield the numbers of the bits that are set in an integer, the lowest first."""
    if not bits:
        return iter(())
    digits = enumerate(work(bin(bits)[:1:-1], 10 * AT_A_TIME))
    return (place for place, digit in digits if digit == "1")


def _bits_by_word(places: dict[str, list[int]]) -> dict[str, int]:
    return {word: _bits(each) for word, each in places.items()}


def _bits(places: list[int]) -> int:
    """Return the integer in which exactly these bits are set. `places` must ascend."""
    if not places:
        return 0
    content = bytearray(places[-1] // 8 + 1)
    for place in places:
        content[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(content, "little")
