"""Signs between words: the signs in a gap of a text, and the signs that a query requires there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import regex

from chat.utils.folding import IGNORED, fold_signs
from chat.utils.words.units import Unit

MOST_SIGNS = 4  # signs at the end of a gap that count as a group of their own

_PUNCTUATION = ".,;:!?)\"'"
_SPACE = regex.compile(r"\s+")
_NOTHING = regex.compile(rf"[{IGNORED}]+")
_OPENED = r"[(\[{<'«‹]*"
_CLOSED = r"[)\]}>.,;:!?'»›]*"
_SIGN_BEFORE = regex.compile(
    rf"{_OPENED}(?P<signs>--|(?<!\.)\.(?=\p{{L}})|[$@#])(?=[\p{{L}}\p{{N}}])"
)
_SIGN_BEHIND = regex.compile(rf"[\p{{L}}\p{{N}}\p{{M}}](?P<signs>#+|\++){_CLOSED}$")


class Need(NamedTuple):
    """Required signs in a gap between words: the `whole` of it, or its `left` or `right` end."""

    where: str
    signs: str


Needs = tuple[tuple[Need, ...], ...]


def needs_in(text: str, units: tuple[Unit, ...]) -> Needs:
    """Return the signs of a phrase in quotation marks, gap by gap."""
    ends = [0, *(unit.end for unit in units)]
    starts = [*(unit.start for unit in units), len(text)]
    gaps = [gap_of(text[end:start]) for end, start in zip(ends, starts, strict=True)]
    before = gaps[0].split(" ")[-1]
    behind = gaps[-1].split(" ")[0]
    between = [_needs_between(gap) for gap in gaps[1:-1]]
    return (_needs("right", before[-MOST_SIGNS:]), *between, _needs("left", behind[:MOST_SIGNS]))


def needs_of_word(word: str, count: int) -> Needs:
    """Return the signs that belong to a word outside quotation marks: C#, .NET, $PATH.

    `count`: how many units the word has.
    """
    before = _SIGN_BEFORE.match(word)
    behind = _SIGN_BEHIND.search(word)
    if not before and not behind:
        return ()
    first = _needs("right", before["signs"] if before else "")
    last = _needs("left", behind["signs"] if behind else "")
    return (first, *[()] * (count - 1), last)


def gap_of(text: str) -> str:
    """Return the characters between two words, in a form that can be compared.

    Signs become ASCII, spaces become single, and invisible characters are left out.
    """
    if text in ("", " "):
        return text
    return _SPACE.sub(" ", _NOTHING.sub("", fold_signs(text)))


def met_by(gap: str) -> Iterator[Need]:
    """Yield the needs that a gap meets.

    Signs after a word count only together: C+ does not match C++. But "stop!" matches stop!!!
    """
    if gap in ("", " "):
        return
    yield Need("whole", gap)
    left = gap.split(" ", 1)[0]
    right = gap.rsplit(" ", 1)[-1]
    if left:
        yield Need("left", left)
    if right:
        yield Need("right", right)
    for length in range(1, min(MOST_SIGNS + 1, len(left))):
        is_end = left[length] != left[length - 1] or left[length] in _PUNCTUATION
        if is_end or length == MOST_SIGNS:
            yield Need("left", left[:length])
    for length in range(1, min(MOST_SIGNS + 1, len(right))):
        if right[-length - 1] != right[-length] or length == MOST_SIGNS:
            yield Need("right", right[-length:])


def _needs_between(gap: str) -> tuple[Need, ...]:
    if not gap.strip():
        return ()
    runs = gap.split(" ")
    if len(runs) == 1 or any(runs[1:-1]):
        return (Need("whole", gap),)
    return _needs("left", runs[0][:MOST_SIGNS]) + _needs("right", runs[-1][-MOST_SIGNS:])


def _needs(where: str, signs: str) -> tuple[Need, ...]:
    return (Need(where, signs),) if signs else ()
