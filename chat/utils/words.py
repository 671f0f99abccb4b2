"""From a text to the terms that search compares: words as base letters, signs, emoji.

The signs are those of scripts without spaces.

A word is found by its beginning: by 3 to 8 letters of it, or by all of it when it has only one or
two. The end of a word from a boundary inside it on is found likewise: `case` of camelCase, `15` of
iPhone15. So is the whole of words that a hyphen, a dot, an apostrophe or an underscore joins
(`email` of e-mail), and a number without its spaces.

A word with a sign that belongs to it (C#, .NET, $PATH, @bob, #123) is also found by both together.
A text in a script without spaces is found by each sign and by every adjacent two; an emoji by its
sign, however it was written.

docs/search.md has the reasons.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, chain, islice
from typing import NamedTuple

import regex

from chat.utils.emojis import emoji_from
from chat.utils.folding import IGNORED, fold, fold_signs
from chat.utils.time_slices import in_time_slices

# Of the rules: increment it with every change of a text's terms, so that it is indexed anew.
VERSION = 2
SHORTEST_PREFIX = 3  # letters
LONGEST_PREFIX = 8
SHORTEST_NUMBER = 7  # digits: a telephone number without its prefix
THOUSAND = 3  # digits of each group but the first: 10 000
MOST_INNER = 4  # boundaries inside a word
MOST_JOINED = 20  # words that signs join into one
LONGEST_REMEMBERED = 64  # characters of a word
REMEMBERED = 10_000  # words with their terms: people use the same words again and again
AT_A_TIME = 100  # units between two checks of the clock: a fifth of a millisecond

BEFORE = ".$@#"  # signs that belong to the word after them
BEHIND = "#+"  # signs that belong to the word before them
MOST_BEHIND = 4

# Unicode's line breaking class "complex context", the scripts of East Asia, Javanese and Balinese.
_SCRIPTS = (
    "".join(
        rf"\p{{{script}}}"
        for script in (
            "Han",
            "Hiragana",
            "Katakana",
            "Bopomofo",
            "Hangul",
            "Yi",
            "Tangut",
            "Nushu",
            "Khitan_Small_Script",
            "Thai",
            "Lao",
            "Khmer",
            "Myanmar",
            "Tai_Le",
            "New_Tai_Lue",
            "Tai_Tham",
            "Tai_Viet",
            "Ahom",
            "Javanese",
            "Balinese",
        )
    )
    + "ーｰ"
)
_SIGN = rf"[[{_SCRIPTS}]--[\p{{Nd}}{IGNORED}]]"
_LETTER = rf"[[[\p{{L}}\p{{N}}\p{{M}}]--[{_SCRIPTS}{IGNORED}]]||\p{{Nd}}]"
_FIRST = rf"[[[\p{{L}}\p{{N}}]--[{_SCRIPTS}{IGNORED}]]||\p{{Nd}}]"
_RUN = rf"{_FIRST}{_LETTER}*+(?:[{IGNORED}]++{_LETTER}++)*+"
_ASCII_RUN = "[0-9A-Za-z]+"
_EMOJI = r"\p{Extended_Pictographic}[\p{EMod}\uFE0E\uFE0F]*"
_COLON = ":：﹕꞉∶"
_NAME = (
    rf"(?<![\p{{L}}\p{{N}}{_COLON}])[{_COLON}](?P<name>[\w+-]{{1,60}})[{_COLON}]"
    rf"(?![\p{{L}}\p{{N}}{_COLON}])"
)
_UNITS = regex.compile(
    rf"(?P<chunk>{_RUN}(?:(?:[-'’._·‐‑]|(?<=\d),(?=\d)){_RUN}){{0,{MOST_JOINED}}}+)"
    rf"|(?P<sign>{_SIGN}[\p{{M}}ﾞﾟ]*)"
    rf"|(?P<named>{_NAME})"
    rf"|(?P<emoji>\p{{RI}}{{2}}|{_EMOJI}(?:\u200D{_EMOJI})*)",
    regex.VERSION1,
)
# The same for ASCII alone, in a third of the time: names and lines of programs are mostly ASCII.
_ASCII_UNITS = re.compile(
    rf"(?P<chunk>{_ASCII_RUN}(?:(?:[-'._]|(?<=\d),(?=\d)){_ASCII_RUN}){{0,{MOST_JOINED}}})"
    r"|(?<![0-9A-Za-z:]):(?P<named>(?P<name>[\w+-]{1,60})):(?![0-9A-Za-z:])",
    re.ASCII,
)
_ENDS = ".,:;!?)\"'…।؟،"
_PLAIN_WORD = regex.compile(
    rf"[\p{{L}}--[{_SCRIPTS}{IGNORED}]][[\p{{L}}\p{{M}}]--[{_SCRIPTS}{IGNORED}]]*+[{_ENDS}]*+",
    regex.VERSION1,
)
_PIECES = re.compile(r"\S+")
_RUNS = regex.compile(_RUN, regex.VERSION1)
# camelCase and HTTPServer; and where a joiner separates what others write as two words: می‌خواهم.
_BOUNDARY = regex.compile(
    rf"(?<=\p{{Ll}}\p{{M}}*)(?=\p{{Lu}})|(?<=\p{{Lu}}\p{{M}}*)(?=\p{{Lu}}\p{{M}}*\p{{Ll}})|(?<=[\u00AD\u200B\u200C])(?={_LETTER})",
    regex.VERSION1,
)
_LETTERS_AND_DIGITS = regex.compile(r"[\p{L}\p{M}]+(?P<digits>\d+)|\d+(?P<letters>[\p{L}\p{M}]+)")
_NUMBER = re.compile(r"\d(?<![^\W_]\d)\d*(?:[-.()/\s–]{1,3}\d+){1,20}(?![^\W_])")
_DIGITS = re.compile(r"\d+")
_IGNORED_RUN = regex.compile(rf"[{IGNORED}]+")
# Variation and skin tones: 👍🏽 is found by 👍.
_SHADES = regex.compile(r"[\uFE0E\uFE0F\U0001F3FB-\U0001F3FF]")


class Unit(NamedTuple):
    """A word, a sign or an emoji.

    `start` and `end` count characters of the text as it was given.
    """

    text: str
    start: int
    end: int
    is_word: bool
    joined: bool = False  # a sign directly after another sign
    inner: tuple[
        str, ...
    ] = ()  # its ends, from each boundary in it on; or the words of an emoji's name
    signed: tuple[str, ...] = ()  # its terms together with a sign that belongs to it
    whole: str = ""  # the word together with those that signs join to it
    more: int = 0  # the number of those words


class Number(NamedTuple):
    """Digits in groups. `starts`: the number of digits before each group.

    `places`: where each group begins and ends in the text.
    """

    digits: str
    starts: list[int]
    places: list[tuple[int, int]]

    def find(self, wanted: str, *, is_open: bool) -> tuple[int, int] | None:
        """Return where the text has `wanted`, from the beginning of a group on, or None."""
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


def units_of(text: str) -> Iterator[Unit]:
    """Yield the units of a text in order."""
    for start, unit in placed_units(text):
        yield unit._replace(start=start + unit.start, end=start + unit.end)


def placed_units(text: str) -> Iterator[tuple[int, Unit]]:
    """Yield units of a text, each with the offset of its places: cached units are shared."""
    for piece in _PIECES.finditer(text):
        start = piece.start()
        for unit in _units_of_piece(piece.group()):
            yield start, unit


def numbers_in(text: str) -> Iterator[Number]:
    """Yield the numbers that spaces, brackets or other signs group: +1 (555) 123-4567."""
    for match in _NUMBER.finditer(text):
        places = [found.span() for found in _DIGITS.finditer(text, *match.span())]
        groups = [fold(text[start:end]) for start, end in places]
        if digits := whole_of(groups):
            yield Number(digits, list(accumulate(map(len, groups[:-1]), initial=0)), places)


def terms_of(text: str) -> set[str]:
    """Return all terms by which a text can be found."""
    return set(chain.from_iterable(groups_of(text)))


def groups_of(text: str) -> set[tuple[str, ...]]:
    """Return the terms of a text in groups.

    A group has the terms of one word, and is the same tuple wherever the word occurs.
    """
    pieces = in_time_slices(text.split(), AT_A_TIME)
    groups = set(chain.from_iterable(map(_groups_of_piece, pieces)))
    for number in numbers_in(text):
        groups.update(_groups_of_number(number))
    return groups


def whole_of(words: list[str]) -> str:
    """Return several words joined to one.

    Empty for a single word, and for digits that are no single number, such as those of 1.2.3.
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


def sign_before(signs: str, word: str) -> str:
    """Return the one of BEFORE that belongs to `word`, among the signs before it.

    An empty string if there is none.
    """
    sign = signs[-1:]
    if not sign or sign not in BEFORE or signs[-2:-1] == sign:
        return ""
    return "" if sign == "." and not word[0].isalpha() else sign


def signs_behind(signs: str) -> str:
    """Return those of BEHIND that belong to a word, among the signs after it.

    An empty string if there are none.
    """
    run = signs[: len(signs) - len(signs.lstrip(signs[0]))]
    return run if run[0] in BEHIND and len(run) <= MOST_BEHIND else ""


def before_word(sign: str, word: str) -> str:
    """Return the term of a word together with one of BEFORE."""
    return sign + word[:SHORTEST_PREFIX]


def behind_word(word: str, signs: str) -> str:
    """Return the term of a word together with some of BEHIND."""
    return word[:LONGEST_PREFIX] + signs


def _groups_of_piece(piece: str) -> Iterable[tuple[str, ...]]:
    """Return the terms of a piece of text without whitespace, in groups."""
    if len(piece) <= LONGEST_REMEMBERED:
        return _groups_of_short(piece)
    return in_time_slices(_groups_in(piece), AT_A_TIME)


@lru_cache(REMEMBERED)
def _groups_of_short(piece: str) -> tuple[tuple[str, ...], ...]:
    return tuple(_groups_in(piece))


def _groups_in(piece: str) -> Iterator[tuple[str, ...]]:
    before = ""
    for unit in _units_in(piece):
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
    """Return the terms of a word that was cut to LONGEST_PREFIX."""
    if len(beginning) < SHORTEST_PREFIX:
        return (beginning,)
    return tuple(beginning[:length] for length in range(SHORTEST_PREFIX, len(beginning) + 1))


def _units_of_piece(piece: str) -> Iterable[Unit]:
    return _units_of_short(piece) if len(piece) <= LONGEST_REMEMBERED else _units_in(piece)


@lru_cache(REMEMBERED)
def _units_of_short(piece: str) -> tuple[Unit, ...]:
    return tuple(_units_in(piece))


def _units_in(piece: str) -> Iterable[Unit]:
    # A fast path: a fifth of the time of what follows.
    if _PLAIN_WORD.fullmatch(piece) and not _may_have_boundaries(piece):
        word = piece.rstrip(_ENDS)
        text = fold(word)
        return (Unit(text, 0, len(word), True),) if text else ()
    return _all_units_in(piece)


def _all_units_in(piece: str) -> Iterator[Unit]:
    """Yield the units of a piece, words with the signs that belong to them."""
    held: Unit | None = None
    for unit in _bare_units_in(piece):
        signs = _signs_in(piece[held.end if held else 0 : unit.start])
        if signs and unit.is_word and (sign := sign_before(signs, unit.text)):
            unit = unit._replace(signed=(before_word(sign, unit.text),))
        if held:
            yield _with_signs_behind(held, signs)
        held = unit
    if held:
        yield _with_signs_behind(held, _signs_in(piece[held.end :]))


def _with_signs_behind(unit: Unit, signs: str) -> Unit:
    if not signs or not unit.is_word or not (run := signs_behind(signs)):
        return unit
    return unit._replace(signed=(*unit.signed, behind_word(unit.text, run)))


def _bare_units_in(piece: str) -> Iterator[Unit]:
    sign_ended = -1
    for match in _matches_in(piece):
        kind, start, end = match.lastgroup, match.start(), match.end()
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
    return _ASCII_UNITS.finditer(piece) if piece.isascii() else _UNITS.finditer(piece)


_sign = lru_cache(REMEMBERED)(fold)


def _is_nothing(text: str, start: int, end: int) -> bool:
    """Return whether nothing visible is between `start` and `end`."""
    return start == end or (start >= 0 and _IGNORED_RUN.fullmatch(text, start, end) is not None)


@lru_cache(REMEMBERED)
def _emoji(sign: str) -> str:
    return _SHADES.sub("", sign)


@lru_cache(REMEMBERED)
def _named(name: str) -> str:
    return _SHADES.sub("", emoji_from(f":{name}:") or "")


def _words_in(match: re.Match[str] | regex.Match[str]) -> Iterator[Unit]:
    """Yield the words between two colons."""
    for found in _RUNS.finditer(match["name"]):
        if text := fold(found.group()):
            start = match.start("name") + found.start()
            yield Unit(text, start, start + len(found.group()), True)


def _words_of(chunk: str, place: int) -> list[Unit]:
    """Return the words that signs join, or the only one. `place`: their offset."""
    if chunk.isascii() and chunk.isalnum():
        return [Unit(fold(chunk), place, place + len(chunk), True, inner=_inner_of(chunk))]
    units = [
        Unit(text, place + found.start(), place + found.end(), True, inner=_inner_of(found.group()))
        for found in _RUNS.finditer(chunk)
        if (text := fold(found.group()))
    ]
    if len(units) > 1 and (whole := whole_of([unit.text for unit in units])):
        units[0] = units[0]._replace(whole=whole, more=len(units) - 1)
    return units


def _signs_in(gap: str) -> str:
    return gap if gap.isascii() else _IGNORED_RUN.sub("", fold_signs(gap))


def _inner_of(run: str) -> tuple[str, ...]:
    """Return the ends of a word, from each boundary in it on."""
    if len(run) > LONGEST_REMEMBERED:
        return ()
    starts = list[int]()
    if _may_have_boundaries(run):
        starts += (found.start() for found in islice(_BOUNDARY.finditer(run), MOST_INNER))
    if run[0].isdecimal() != run[-1].isdecimal() and (two := _LETTERS_AND_DIGITS.fullmatch(run)):
        starts.append(two.start(two.lastgroup or 0))
    return tuple(filter(None, (fold(run[start:]) for start in starts)))


def _may_have_boundaries(run: str) -> bool:
    rest = run[1:]
    return (rest != rest.lower() and not run.isupper()) or not run.isprintable()
