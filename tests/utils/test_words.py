"""From texts to the words by which they are found."""

from __future__ import annotations

import random
import string

import pytest

from chat.utils.emojis import named_emoji
from chat.utils.words import terms, units
from chat.utils.words.terms import groups_of, terms_of


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "Hi, Bob",
        "The QUARTERLY report's numbers: 10:30 & 42",
        "snake_case camelCase kebab-case",
        "~!@#$%^&*()",
        "x" * 9_000,
        "a\tb\nc",
        "".join(map(chr, range(32, 127))),
    ],
)
def test_what_is_ascii_is_found_by_what_the_same_words_are_found_by_elsewhere(text: str) -> None:
    assert terms_of(text) == terms_of(f"{text} 犬") - {"犬"}


def test_a_word_is_found_by_its_beginnings_and_a_short_one_by_itself() -> None:
    assert terms_of("Go quarterly") == {
        "go",
        "qua",
        "quar",
        "quart",
        "quarte",
        "quarter",
        "quarterl",
    }


def test_signs_that_stand_side_by_side_are_found_alone_and_in_pairs() -> None:
    assert terms_of("東京 犬") == {"東", "京", "東京", "犬"}


def test_accents_and_skin_tones_make_no_difference() -> None:
    assert terms_of("Café 👍🏽") == terms_of("cafe 👍")


def test_what_one_word_is_found_by_is_the_same_group_wherever_it_stands() -> None:
    assert groups_of("tea for two, tea") == {("tea",), ("for",), ("two",)}
    assert groups_of("Kaffee, café") == {("kaf", "kaff", "kaffe", "kaffee"), ("caf", "cafe")}
    assert groups_of("東京") == {("東",), ("京",), ("東京",)}


def random_texts() -> dict[str, str]:
    dice = random.Random(5)

    def words(alphabet: str, between: str, length: int) -> str:
        return between.join(
            "".join(dice.choices(alphabet, k=length))
            for _ in range(8_000 // (length + len(between)))
        )

    humps = "".join(
        dice.choice(string.ascii_uppercase) + dice.choice(string.ascii_lowercase)
        for _ in range(4_000)
    )
    return {
        "Han": "".join(map(chr, range(0x4E00, 0x4E00 + 8_000))),
        "humps": humps,
        "words of humps": " ".join(humps[start : start + 10] for start in range(0, 8_000, 10)),
        "hosts of humps": ".".join(humps[start : start + 10] for start in range(0, 8_000, 10)),
        "base64": words(string.ascii_letters + string.digits, " ", 10),
        "hashes": words("0123456789abcdef", " ", 12),
        "joined": words(string.ascii_lowercase, "-", 4),
        "dots": words(string.ascii_lowercase, ".", 2),
        "names": words(string.ascii_lowercase, " @", 3),
        "tags": words(string.ascii_lowercase, "# #", 2),
        "numbers": words(string.digits, " ", 3),
        "digits": words(string.digits, " ", 1),
        "telephones": words(string.digits, "-", 4),
        "soft hyphens": words(string.ascii_lowercase, "\u00ad", 1),
        "emoji": " ".join(f":{names[2]}:".replace(" ", "_") for names in named_emoji())[:8_000],
    }


def test_no_text_has_more_terms_than_one_in_han_has() -> None:
    for name, text in random_texts().items():
        count = sum(map(len, groups_of(text)))
        assert count <= 2 * len(text), name


def test_ascii_has_a_quicker_pattern_that_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = random.Random(7)
    signs = "abAB09::::--''..__,,+#@$/=;()[]\x01\x7f"
    pieces = ["a-" * 30, "1,2,3,a", ":a:b:c:", ":smile:", "::smile::", *string.printable.split()]
    pieces += ["".join(drawn.choices(signs, k=drawn.randrange(1, 24))) for _ in range(3_000)]
    quicker = [list(units._all_units_in(piece)) for piece in pieces]
    monkeypatch.setattr(units, "ASCII_UNITS", units.UNITS)
    assert [list(units._all_units_in(piece)) for piece in pieces] == quicker


def test_words_between_signs_have_the_same_terms_the_quick_way() -> None:
    signs = random.Random(5)
    for _ in range(3_000):
        length = signs.randint(1, 14)
        piece = "".join(signs.choices('0129aAbBzZ=;/()[]{}<>|&*!?"`~^%\\', k=length))
        assert set(terms._groups_in(piece)) == set(terms._groups_of_units(piece)), piece
