"""What somebody looks for: `words "a phrase" from:bob in:harbour after:2026-01-01 before:2026-02-01 has:image`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chat.utils.errors import ValidationFailed
from chat.utils.pieces import Work, in_pieces
from chat.utils.words import AT_A_TIME, LONGEST_PREFIX, SHORTEST_PREFIX, Unit, units_of

MOST_PARTS = 20     # words, phrases and names in a query
MOST_TERMS = 20     # looked up in the index: they tell most texts apart, and all of a phrase is compared

_PARTS = re.compile(r'(?P<name>from|in|before|after|has):(?P<value>"[^"]+"|[^\s"]+)|"(?P<quoted>[^"]*)"?|(?P<word>[^\s"]+)', re.IGNORECASE)

Span = tuple[int, int]


@dataclass(frozen=True)
class Phrase:
    """Words that stand side by side. `is_open`: the last one may go on, as while it is being typed."""

    units: tuple[Unit, ...]
    is_open: bool

    @property
    def beginning(self) -> str | None:
        """How the last word begins, where it may go on."""
        last = self.units[-1]
        return last.text if self.is_open and last.is_word and len(last.text) >= SHORTEST_PREFIX else None

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
        """Return what every text that fits is found by: MOST_TERMS at most, the longest, which the fewest texts have."""
        terms = {term for phrase in self.phrases for term in phrase.terms()}
        return set(sorted(terms, key=lambda term: (-len(term), term))[:MOST_TERMS])

    def spans(self, text: str, work: Work = in_pieces) -> list[Span] | None:
        """Return where a text has what is looked for, in order and apart from each other; None when something is missing.

        Takes a time that grows with the text and not with how often the query's words stand in it. `work` lets others in.
        """
        if not self.phrases:
            return []
        body = _Body.of(text, self.phrases, work)
        places = []
        for phrase in self.phrases:
            if not (found := body.places_of(phrase)):
                return None
            places.append(found)
        spans = (span for phrase, found in zip(self.phrases, places, strict=True) for span in body.spans_of(phrase, found, work))
        return list(_merged(sorted(spans)))


@dataclass
class _Body:
    """A text, seen by the words of a query. Sets of places in it are the bits of whole numbers, so that one operation compares all."""

    units: list[Unit] = field(default_factory=list)
    joined: int = 0                                                    # the places of signs right behind another sign
    exact: dict[str, int] = field(default_factory=dict)                # a word of the query -> the places where it stands
    open: dict[str, int] = field(default_factory=dict)                 # a beginning -> the places of words that begin so

    @classmethod
    def of(cls, text: str, phrases: Iterable[Phrase], work: Work) -> _Body:
        wanted = {unit.text for phrase in phrases for unit in phrase.units}
        beginnings = tuple({beginning for phrase in phrases if (beginning := phrase.beginning)})
        exact: dict[str, list[int]] = defaultdict(list)
        open_: dict[str, list[int]] = defaultdict(list)
        units, joined = [], []
        for place, unit in enumerate(work(units_of(text), AT_A_TIME)):
            units.append(unit)
            if unit.joined:
                joined.append(place)
            if unit.text in wanted:
                exact[unit.text].append(place)
            if unit.is_word and unit.text.startswith(beginnings):
                for beginning in beginnings:
                    if unit.text.startswith(beginning):
                        open_[beginning].append(place)
        return cls(units, _bits(joined), *({name: _bits(at) for name, at in each.items()} for each in (exact, open_)))

    def places_of(self, phrase: Phrase) -> int:
        """Return the places at which a phrase begins."""
        found, last = -1, len(phrase.units) - 1
        for number, unit in enumerate(phrase.units):
            beginning = phrase.beginning if number == last else None
            places = self.exact.get(unit.text, 0) if beginning is None else self.open.get(beginning, 0)
            found &= (places & self.joined if unit.joined else places) >> number
            if not found:
                break
        return found

    def spans_of(self, phrase: Phrase, places: int, work: Work) -> Iterator[Span]:
        """Yield where a phrase stands, given where it begins: in order and apart from each other."""
        bits, length = bin(places)[:1:-1], len(phrase.units)
        begun = (place for place, bit in enumerate(work(bits, 10 * AT_A_TIME)) if bit == "1")
        return _merged((self.units[place].start, self.units[place + length - 1].end) for place in begun)


def parse(text: str) -> Query:
    """Raises ValidationFailed for a date that is none, an unknown `has:`, too many words, and when nothing is left to look for."""
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
    if len(phrases) + sum(map(len, named.values())) > MOST_PARTS:
        raise ValidationFailed(fields={"q": f"At most {MOST_PARTS} words are looked for at once."})
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


def _bits(places: list[int]) -> int:
    """Return the whole number that has these bits; `places` ascend."""
    if not places:
        return 0
    content = bytearray(places[-1] // 8 + 1)
    for place in places:
        content[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(content, "little")


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans, which come by their beginnings, with those united that touch each other."""
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
