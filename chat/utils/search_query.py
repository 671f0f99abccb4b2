"""What somebody looks for: `words "a phrase" from:bob in:harbour after:2026-01-01 before:2026-02-01 has:image`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from chat.utils.errors import ValidationFailed
from chat.utils.words import LONGEST_PREFIX, SHORTEST_PREFIX, Unit, units_of

MOST_PHRASES = 20

_PARTS = re.compile(r'(?P<name>from|in|before|after|has):(?P<value>"[^"]+"|[^\s"]+)|"(?P<quoted>[^"]*)"?|(?P<word>[^\s"]+)', re.IGNORECASE)

Span = tuple[int, int]


@dataclass(frozen=True)
class Phrase:
    """Words that stand side by side. `is_open`: the last one may go on, as while it is being typed."""

    units: tuple[Unit, ...]
    is_open: bool

    def terms(self) -> set[str]:
        """What a text with this phrase is found by, and perhaps others; a few of them are enough to tell most texts apart."""
        terms: set[str] = set()
        for number, unit in enumerate(self.units):
            if unit.joined:
                terms.add(self.units[number - 1].text + unit.text)
            elif unit.is_word:
                terms.add(unit.text[:LONGEST_PREFIX])
            elif not any(following.joined for following in self.units[number + 1 : number + 2]):
                terms.add(unit.text)
        return terms

    def spans(self, units: list[Unit]) -> Iterator[Span]:
        """Where a text has it."""
        first = self.units[0]
        for place in range(len(units) - len(self.units) + 1):
            # Told apart by the first letters before anything is called: most places of most texts end here.
            if units[place].text.startswith(first.text) and self._stands_at(units, place):
                yield units[place].start, units[place + len(self.units) - 1].end

    def _stands_at(self, units: list[Unit], place: int) -> bool:
        last = len(self.units) - 1
        for number, wanted in enumerate(self.units):
            found = units[place + number]
            if wanted.joined and not found.joined:
                return False
            goes_on = self.is_open and number == last and wanted.is_word and len(wanted.text) >= SHORTEST_PREFIX
            if found.text != wanted.text and not (goes_on and found.is_word and found.text.startswith(wanted.text)):
                return False
        return True


@dataclass(frozen=True)
class Query:
    """All phrases must be there. Of several rooms or authors any will do; names are as they were typed."""

    phrases: tuple[Phrase, ...] = ()
    authors: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    after: datetime | None = None    # from this moment on
    before: datetime | None = None   # earlier than this moment
    has_image: bool = False

    def terms(self) -> set[str]:
        """What every text that fits is found by."""
        return {term for phrase in self.phrases for term in phrase.terms()}

    def spans(self, text: str) -> list[Span] | None:
        """Where a text has what is looked for, in order and apart from each other; None when something is missing."""
        units = units_of(text)
        found = [list(phrase.spans(units)) for phrase in self.phrases]
        return _merged(sorted(span for spans in found for span in spans)) if all(found) else None


def parse(text: str) -> Query:
    """Raises ValidationFailed for a date that is none, an unknown `has:`, and when nothing is left to look for."""
    phrases: list[Phrase] = []
    named: dict[str, list[str]] = {"from": [], "in": [], "before": [], "after": [], "has": []}
    for part in _PARTS.finditer(text):
        if part["name"]:
            named[part["name"].lower()].append(part["value"].strip('"'))
        elif units := tuple(units_of(part["quoted"] or part["word"] or "")):
            phrases.append(Phrase(units, is_open=part["word"] is not None))
    if any(value.lower() not in ("image", "images") for value in named["has"]):
        raise ValidationFailed(fields={"q": "Only has:image can be looked for."})
    if not phrases and not any(named.values()):
        raise ValidationFailed(fields={"q": "Write what to look for."})
    if len(phrases) > MOST_PHRASES:
        raise ValidationFailed(fields={"q": f"At most {MOST_PHRASES} words are looked for at once."})
    return Query(
        phrases=tuple(phrases),
        authors=tuple(name.removeprefix("@") for name in named["from"]),
        rooms=tuple(name.removeprefix("#") for name in named["in"]),
        after=max(map(_day, named["after"]), default=None),
        before=min(map(_day, named["before"]), default=None),
        has_image=bool(named["has"]),
    )


def _day(text: str) -> datetime:
    """The beginning of a day, in UTC."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise ValidationFailed(fields={"q": "A day is written 2026-01-31."}) from None


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
