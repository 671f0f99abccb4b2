"""Phrase: adjacent words of a query, and the terms by which the index finds them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chat.models.search.query_parts import Part
from chat.models.search.signs import Needs, needs_in, needs_of_word
from chat.utils.words import LONGEST_PREFIX, SHORTEST_NUMBER, SHORTEST_PREFIX
from chat.utils.words.signs import before_word, behind_word, sign_before, signs_behind
from chat.utils.words.units import Unit, units_of, whole_of


@dataclass(frozen=True)
class Phrase:
    """Adjacent words of a query.

    `is_open`: the last word may be only the beginning of a word. `needs`: the required signs in the
    gap before each word and in the gap after the last. `wholes`: the forms of the phrase as one
    word.
    """

    units: tuple[Unit, ...]
    is_open: bool
    is_quoted: bool = False
    needs: Needs = ()
    wholes: tuple[str, ...] = ()

    @property
    def beginning(self) -> str | None:
        """Return the last word if it may be only the beginning of a word; None otherwise."""
        last = self.units[-1]
        if last.is_word and self.may_go_on(last.text):
            return last.text
        return None

    @property
    def is_short(self) -> bool:
        """Return whether the phrase is one word that is too short to be a beginning."""
        return (
            self.is_open
            and len(self.units) == 1
            and self.units[0].is_word
            and self.beginning is None
        )

    @property
    def has_signs(self) -> bool:
        """Return whether signs count although the phrase is in no quotation marks."""
        return not self.is_quoted and bool(self.needs)

    def may_go_on(self, text: str) -> bool:
        return self.is_open and len(text) >= SHORTEST_PREFIX

    def whole_may_go_on(self, whole: str) -> bool:
        """Return whether a whole may be only the beginning of a word.

        Short numbers may not: 1,000 is not the beginning of 10.0.0.1.
        """
        return self.may_go_on(whole) and (len(whole) >= SHORTEST_NUMBER or not whole.isdecimal())

    def terms(self) -> set[frozenset[str]]:
        """Return sets of terms. Every text with this phrase has at least one term of each set.

        Texts without the phrase may have these terms too.
        """
        others = {whole[:LONGEST_PREFIX] for whole in self.wholes}
        return {frozenset({term, *others}) for term in self._terms()} | {
            frozenset({term}) for term in self._signed()
        }

    def plainly(self) -> Phrase:
        """Return the same phrase without its signs."""
        if not self.has_signs:
            return self
        return Phrase(self.units, is_open=True, wholes=_wholes(self.units))

    def _terms(self) -> Iterator[str]:
        for number, unit in enumerate(self.units):
            if unit.joined:
                yield self.units[number - 1].text + unit.text
            elif unit.is_word:
                yield unit.text[:LONGEST_PREFIX]
            elif not any(following.joined for following in self.units[number + 1 : number + 2]):
                yield unit.text

    def _signed(self) -> Iterator[str]:
        if not self.needs:
            return
        first = self.units[0]
        last = self.units[-1]
        before = "".join(need.signs for need in self.needs[0])
        if before and first.is_word and (sign := sign_before(before, first.text)):
            yield before_word(sign, first.text)
        behind = "".join(need.signs for need in self.needs[-1])
        if behind and last.is_word and (run := signs_behind(behind)):
            yield behind_word(last.text, run)


def phrase_of(part: Part, *, is_open: bool) -> Phrase | None:
    """Return the phrase of a part; None if the part has no letter, digit or emoji."""
    units = tuple(units_of(part.text))
    if not units:
        return None
    if part.is_quoted:
        needs = needs_in(part.text, units)
        return Phrase(units, is_open=False, is_quoted=True, needs=needs if any(needs) else ())
    needs = needs_of_word(part.text, len(units))
    if not needs:
        return Phrase(units, is_open=is_open, wholes=_wholes(units))
    return Phrase(units, is_open=is_open and not needs[-1], needs=needs)


def _wholes(units: tuple[Unit, ...]) -> tuple[str, ...]:
    """Return the forms of a phrase as one word: its only word, or its words joined."""
    if not all(unit.is_word for unit in units):
        return ()
    if len(units) == 1:
        return (units[0].text,)
    whole = whole_of([unit.text for unit in units])
    return (whole,) if whole else ()
