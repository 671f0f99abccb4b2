"""What a query finds in a text; no text and no query make it slow."""

from __future__ import annotations

import random
import time

import pytest

from chat.models.search.query import MOST_TERMS, Phrase, Query, parse
from chat.utils.errors import ValidationFailed
from chat.utils.time_slices import Stint
from chat.utils.words import SHORTEST_PREFIX
from chat.utils.words.units import Unit, units_of


def plainly_spans(query: Query, text: str) -> list[tuple[int, int]] | None:
    """Return the spans by trying every phrase at every position: too simple to be wrong."""
    units, found = list(units_of(text)), list[tuple[int, int]]()
    for phrase in query.phrases:
        there = [
            (units[place].start, units[place + len(phrase.units) - 1].end)
            for place in range(len(units) - len(phrase.units) + 1)
            if all(_fits(phrase, n, units[place + n]) for n in range(len(phrase.units)))
            and _has_signs(phrase, units, place, text)
        ]
        for whole in phrase.wholes:
            there += [
                (unit.start, units[place + unit.more].end)
                for place, unit in enumerate(units)
                if _is_same(whole, unit.whole, phrase.is_open)
                or _is_same(whole, unit.text if unit.is_word else "", phrase.is_open)
            ]
        if not there:
            return None
        found += there
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            start, end = merged[-1][0], max(end, merged.pop()[1])
        merged.append((start, end))
    return merged


def _fits(phrase: Phrase, number: int, found: Unit) -> bool:
    wanted, goes_on = phrase.units[number], phrase.is_open and number == len(phrase.units) - 1
    if wanted.joined and not found.joined:
        return False
    texts = [found.text, *(found.inner if number == 0 and not phrase.is_quoted else ())]
    return any(
        _is_same(wanted.text, text, goes_on and wanted.is_word and found.is_word) for text in texts
    )


def _is_same(wanted: str, found: str, may_go_on: bool) -> bool:
    return found == wanted or (
        may_go_on and len(wanted) >= SHORTEST_PREFIX and found.startswith(wanted)
    )


def _has_signs(phrase: Phrase, units: list[Unit], place: int, text: str) -> bool:
    """Return whether the text has the signs that the phrase needs at this position.

    These texts have only commas, at the end of a word, and dots, inside one.
    """
    for number, needs in enumerate(phrase.needs):
        end = units[place + number - 1].end if place + number else 0
        start = units[place + number].start if place + number < len(units) else len(text)
        gap = text[end:start]
        if any(
            need.signs not in gap or (need.where != "right" and gap[0] != need.signs[0])
            for need in needs
        ):
            return False
    return True


def test_it_finds_what_comparing_every_place_finds() -> None:
    dice = random.Random(7)
    pieces = [
        "tea",
        "teapot",
        "te",
        "cake",
        "今",
        "天",
        "今天",
        "天今天",
        "👍",
        "don't",
        "3.14",
        " ",
        " ",
        ", ",
        "\n",
        "é",
    ]
    for _ in range(400):
        text = "".join(dice.choices(pieces, k=dice.randint(0, 40)))
        words = [
            dice.choice("abté今") + "".join(dice.choices(pieces[:-1], k=dice.randint(0, 3)))
            for _ in range(dice.randint(1, 4))
        ]
        asked = " ".join(f'"{word}"' if dice.random() < 0.4 else word for word in words)
        query = parse(asked)
        assert query.spans(text) == plainly_spans(query, text), (asked, text)


@pytest.mark.parametrize(
    ("sign", "phrases"),
    [
        ("一", [f'"{"一" * length}"' for length in range(2, 22)]),
        ("a ", [f'"{"a " * length}"' for length in range(2, 12)]),
        ("一 ", ['"一 一一 一"', '"一 一 一 一"']),
        ("ab", ["ab" * 60] * 3),
        ("👍", ["👍" * 20, "👍 👍"]),
    ],
)
def test_twice_the_text_takes_hardly_more_than_twice_the_time(
    sign: str, phrases: list[str]
) -> None:
    query = parse(" ".join(phrases))
    query.spans(sign * 500)

    def seconds(count: int) -> float:
        begun = time.thread_time()
        query.spans(sign * count)
        return time.thread_time() - begun

    # In turn: a busy machine slows down both. Quadratic time would be four times as long.
    pairs = [(seconds(8_000), seconds(16_000)) for _ in range(9)]
    assert min(twice for _, twice in pairs) < 3.2 * min(once for once, _ in pairs)


def test_twice_the_query_takes_hardly_more_than_twice_the_time() -> None:
    def seconds(length: int) -> float:
        query, times = parse(" ".join(f'"{"一" * (length - n)}"' for n in range(2))), []
        for _ in range(5):
            begun = time.thread_time()
            query.spans("一" * 8_000)
            times.append(time.thread_time() - begun)
        return min(times)

    assert seconds(200) < 3 * seconds(100)


def test_it_ends_at_the_first_phrase_that_is_not_there_and_lets_others_in_within_a_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rests: list[float] = []
    monkeypatch.setattr("chat.utils.time_slices.SLICE_SECONDS", 0.0)
    monkeypatch.setattr("chat.utils.time_slices.time.sleep", rests.append)
    stint = Stint(1.0)
    assert parse('一一 "b a"').spans("一" * 7_980 + " a b", stint.pieces) is None
    assert len(rests) > 70, "after every hundred signs"
    assert not stint.is_over


def test_of_a_long_phrase_a_few_terms_are_looked_up_and_all_is_compared() -> None:
    long = "".join(chr(0x4E00 + number) for number in range(200))
    query = parse(f'"{long}"')
    assert len(query.terms()) == MOST_TERMS
    assert query.spans(f"…{long}…") == [(1, 201)]
    assert query.spans(long[:-1] + "!") is None


def test_names_count_as_words_do() -> None:
    parse(" ".join(f"from:bob{number}" for number in range(20)))
    with pytest.raises(ValidationFailed):
        parse(" ".join(f"from:bob{number}" for number in range(20)) + " tea")


HOSTILE = {
    "signs in quotation marks": ("a! ", [f'"{"a! " * 150}"']),
    "words that signs join": ("ab-", ["ab-ab", "abab", "-ababab"] * 6),
    "digits": ("12 ", ["1212121", "12 12 12 12", "121212121212"] * 2),
    "boundaries": ("aB", ["b", "ab", "abab"]),
    "names of emoji": (":heart:", ["heart", "❤", ":heart:"]),
    "what nobody sees": ("a\u00ad", ["a", "aaaa", '"a"']),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_and_no_query_take_long_together(name: str) -> None:
    sign, words = HOSTILE[name]
    query = parse(" ".join(words))

    def seconds(length: int) -> float:
        times, text = [], (sign * length)[:length]
        for _ in range(5):
            begun = time.thread_time()
            query.spans(text)
            times.append(time.thread_time() - begun)
        return min(times)

    seconds(1_000)
    assert seconds(16_000) < max(3 * seconds(8_000), 0.01)


NAMES = {"from": {"bob", "Bob Fisher", "Bob", "Ann"}, "in": {"Quiet Bay", "Quiet Bay of Tea"}}


def known(name: str, texts: set[str]) -> set[str]:
    return NAMES[name] & texts


@pytest.mark.parametrize(
    ("q", "authors", "rooms", "words", "is_told"),
    [
        ("from:Bob Fisher", ("Bob Fisher",), (), [], True),
        ("tea from:Bob Fisher green", ("Bob Fisher",), (), ["tea", "green"], True),
        ("from: @Bob Fisher in: #Quiet Bay tea", ("Bob Fisher",), ("Quiet Bay",), ["tea"], True),
        ("in:Quiet Bay of Tea", (), ("Quiet Bay of Tea",), [], False),
        ("from:Ann Fisher", ("Ann",), (), ["fisher"], False),
        ("from:nobody at all", ("nobody",), (), ["at", "all"], False),
        ('from:"Bob" Fisher', ("Bob",), (), ["fisher"], False),
        ('from:Bob "Fisher"', ("Bob",), (), ["fisher"], False),
        ("from:Bob from:Ann Fisher", ("Bob", "Ann"), (), ["fisher"], False),
    ],
)
def test_the_longest_name_behind_a_filter_is_taken(
    q: str, authors: tuple[str, ...], rooms: tuple[str, ...], words: list[str], is_told: bool
) -> None:
    query = parse(q, find_names=known)
    assert (query.authors, query.rooms) == (authors, rooms)
    assert [phrase.units[0].text for phrase in query.phrases] == words
    assert bool(query.notices) is is_told


def test_a_word_that_is_left_out_is_no_part_of_a_name() -> None:
    query = parse("-from:Bob Fisher", find_names=known)
    assert (query.not_authors, query.phrases) == (("Bob Fisher",), ())
    query = parse("from:Bob -Fisher", find_names=known)
    assert (query.authors, len(query.without)) == (("Bob",), 1)
