"""A search query.

`words -without "a phrase" from:bob in:harbour after:2026-01-01 on:today has:image`.

Words match by their base letters, and also as beginnings of words. Signs between the parts of a
word do not matter. In quotation marks words match exactly, with their signs. A sign that belongs to
a word also counts without quotation marks: C# is not C++ (utils/words/). docs/search.md has the
reasons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property
from itertools import groupby

from chat.models.search.body import Body, Span, Wanted, merged, words_of
from chat.models.search.phrase import Phrase, phrase_of
from chat.models.search.query_days import DAY_FILTERS, with_days_joined
from chat.models.search.query_names import FindNames, Joined, find_none, with_names_joined
from chat.models.search.query_parts import Part, parts_of
from chat.models.search.query_sentences import NOT_A_DAY, nothing_left, notices_about
from chat.utils.days import Days, days_of
from chat.utils.errors import ValidationFailed
from chat.utils.folding import fold
from chat.utils.time_slices import Work, in_time_slices
from chat.utils.translation import _
from chat.utils.words.units import whole_of

__all__ = ["MOST_TERMS", "Phrase", "Query", "Span", "parse"]

MOST_PARTS = 20  # words, phrases and names in a query
# Terms of a query that a search looks up in the index. So many exclude most texts, and the search
# compares each remaining text with the whole query anyway.
MOST_TERMS = 20

IMAGES = frozenset({"image", "images", "picture", "pictures", "photo", "photos"})

_DIGITS_AND_SIGNS = re.compile(r"\+?[\d().\-/]*\d[().\-/]*")


@dataclass(frozen=True)
class Query:
    """A parsed query. A text must have all of `phrases`, and none of `without`.

    A message must be in one of `rooms` and by one of `authors`, whose names are as typed.
    `notices`: sentences for the writer of the query.
    """

    phrases: tuple[Phrase, ...] = ()
    without: tuple[Phrase, ...] = ()
    authors: tuple[str, ...] = ()
    not_authors: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    not_rooms: tuple[str, ...] = ()
    after: datetime | None = None  # from this moment on
    before: datetime | None = None  # earlier than this moment
    has_image: bool | None = None  # None: it does not matter
    notices: tuple[str, ...] = ()

    @property
    def has_signs(self) -> bool:
        return any(phrase.has_signs for phrase in self.phrases)

    def plainly(self) -> Query:
        """Return the same query, in which signs count only in quotation marks."""
        return replace(self, phrases=tuple(phrase.plainly() for phrase in self.phrases))

    def terms(self) -> list[frozenset[str]]:
        """Return sets of terms. Every text that matches has at least one term of each set.

        These are at most MOST_TERMS sets, with the longest terms, which are the rarest in texts.
        """
        terms = {term for phrase in self.phrases for term in phrase.terms()}
        return sorted(terms, key=lambda each: (-min(map(len, each)), sorted(each)))[:MOST_TERMS]

    def spans(self, text: str, work: Work = in_time_slices) -> list[Span] | None:
        """Return where a text matches, in order and disjoint; None when it does not match.

        A text does not match if it lacks a phrase, or has one of `without`. The time grows with the
        length of the text, not with the number of matches. `work` lets other greenlets run.
        """
        if not self.phrases and not self.without:
            return []
        body = Body.of(text, self._wanted, work)
        places = []
        for phrase in self.phrases:
            found = body.places_of(phrase)
            others = body.wholes_of(phrase)
            if not found and not others:
                return None
            places.append((found, others))
        if any(body.places_of(phrase) or body.wholes_of(phrase) for phrase in self.without):
            return None
        spans: list[Span] = []
        for phrase, (found, others) in zip(self.phrases, places, strict=True):
            spans += [*body.spans_of(phrase, found, work), *others]
        return list(merged(sorted(spans)))

    @cached_property
    def _wanted(self) -> Wanted:
        """Return the words of all phrases, and the words among them that may be beginnings."""
        return words_of([*self.phrases, *self.without])


def joined_parts(
    text: str, zone: tzinfo = UTC, today: date | None = None, find_names: FindNames = find_none
) -> Joined:
    """Return the parts of `text`, with each name and each day as one part."""
    joined = with_names_joined(list(parts_of(text)), find_names)
    parts = with_days_joined(joined.parts, today or datetime.now(zone).date())
    return joined._replace(parts=parts)


def parse(
    text: str, zone: tzinfo = UTC, today: date | None = None, find_names: FindNames = find_none
) -> Query:
    """Return the query of `text`. Days are days in `zone`; `find_names` recognises names.

    Raises ValidationFailed for an invalid date, an unknown `has:`, a filter without a value or too
    many words, and when nothing is left to search for.
    """
    joined = joined_parts(text, zone, today, find_names)
    parts = joined.parts
    words = [part for part in parts if not part.name]
    filters = [part for part in parts if part.name]
    phrases = tuple(_joined_numbers([part for part in words if not part.left_out]))
    without = tuple(
        phrase for part in words if part.left_out and (phrase := phrase_of(part, is_open=False))
    )
    if len(phrases) + len(without) + len(filters) > MOST_PARTS:
        raise ValidationFailed(
            fields={"q": _("Search for at most {most} words at once.", most=MOST_PARTS)}
        )
    if not phrases and not filters:
        raise ValidationFailed(fields={"q": nothing_left(words)})
    days = {name: _days_of(filters, name, zone, today) for name in DAY_FILTERS}
    starts = [each.begin(zone) for name in ("after", "on", "during") for each in days[name]]
    ends = [each.begin(zone) for each in days["before"]] + [
        each.end(zone) for name in ("on", "during") for each in days[name]
    ]
    return Query(
        phrases,
        without,
        authors=_values(filters, "from"),
        not_authors=_values(filters, "from", left_out=True),
        rooms=_values(filters, "in"),
        not_rooms=_values(filters, "in", left_out=True),
        after=max(starts, default=None),
        before=min(ends, default=None),
        has_image=_has_image(filters),
        notices=(*joined.notices, *notices_about(words)),
    )


def _joined_numbers(parts: list[Part]) -> Iterator[Phrase]:
    """Yield the phrases. The phrases of a number typed with spaces also match it as one word."""
    for is_number, run in groupby(
        parts,
        lambda part: not part.is_quoted and _DIGITS_AND_SIGNS.fullmatch(part.text) is not None,
    ):
        phrases = [phrase for part in run if (phrase := phrase_of(part, is_open=True))]
        if is_number and len(phrases) > 1:
            number = whole_of([unit.text for phrase in phrases for unit in phrase.units])
            if number:
                phrases = [replace(each, wholes=(*each.wholes, number)) for each in phrases]
        yield from phrases


def _values(filters: list[Part], name: str, *, left_out: bool = False) -> tuple[str, ...]:
    """Return the names that a filter has. Raises ValidationFailed."""
    found: list[str] = []
    for part in filters:
        if part.name == name and part.left_out is left_out:
            if part.is_quoted:
                found.append(part.text)
            else:
                found += re.split("[,，、]", part.text)
    if not all(found):
        raise ValidationFailed(
            fields={"q": _("Write a name after {name}:, or leave it out.", name=name)}
        )
    return tuple(found)


def _days_of(filters: list[Part], name: str, zone: tzinfo, today: date | None) -> list[Days]:
    found: list[Days] = []
    for part in filters:
        if part.name == name:
            days = days_of(part.text, today or datetime.now(zone).date())
            if days is None:
                raise ValidationFailed(fields={"q": NOT_A_DAY})
            if part.left_out:
                raise ValidationFailed(
                    fields={
                        "q": _(
                            "{name}: cannot be left out; before: and after: say which days.",
                            name=name,
                        )
                    }
                )
            found.append(days)
    return found


def _has_image(filters: list[Part]) -> bool | None:
    wanted: bool | None = None
    for part in filters:
        if part.name == "has":
            if fold(part.text) not in IMAGES:
                raise ValidationFailed(fields={"q": _("The only value of has: is image.")})
            wanted = not part.left_out
    return wanted
