"""From texts to what they are found by."""

from __future__ import annotations

import pytest

from chat.utils.words import groups_of, terms_of


@pytest.mark.parametrize("text", [
    "", "a", "Hi, Bob", "The QUARTERLY report's numbers: 10:30 & 42", "snake_case camelCase kebab-case", "~!@#$%^&*()", "x" * 9_000,
    "a\tb\nc", "".join(map(chr, range(32, 127))),
])
def test_what_is_ascii_is_found_by_what_the_same_words_are_found_by_elsewhere(text: str) -> None:
    assert terms_of(text) == terms_of(f"{text} 犬") - {"犬"}


def test_a_word_is_found_by_its_beginnings_and_a_short_one_by_itself() -> None:
    assert terms_of("Go quarterly") == {"go", "qua", "quar", "quart", "quarte", "quarter", "quarterl"}


def test_signs_that_stand_side_by_side_are_found_alone_and_in_pairs() -> None:
    assert terms_of("東京 犬") == {"東", "京", "東京", "犬"}


def test_accents_and_skin_tones_make_no_difference() -> None:
    assert terms_of("Café 👍🏽") == terms_of("cafe 👍")


def test_what_one_word_is_found_by_is_the_same_group_wherever_it_stands() -> None:
    assert groups_of("tea for two, tea") == {("tea",), ("for",), ("two",)}
    assert groups_of("Kaffee, café") == {("kaf", "kaff", "kaffe", "kaffee"), ("caf", "cafe")}
    assert groups_of("東京") == {("東",), ("京",), ("東京",)}
