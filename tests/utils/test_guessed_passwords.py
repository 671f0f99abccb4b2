"""A password that programs guess early is refused, however it is written."""

from __future__ import annotations

import random
import string

import pytest

from chat.utils.passwords import JUDGED_CHARACTERS, JUDGED_SIGNS, SIGNS_OF_LETTERS, _judged
from chat.utils.passwords import is_easily_guessed as guessed


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44",  # of full-width letters
        "Password1",
        "P@$$w0rd",
        "qwertyuiop",
        "12345678",
        "aaaaaaaaaaaa",
        "a" * 256,
        "passwordpassword" * 9,
        "abcdefgh",
        "iloveyou!",
        "11111111",
    ],
)
def test_what_everybody_takes_is_easily_guessed(password: str) -> None:
    assert guessed(password)


@pytest.mark.parametrize("password", ["alice-adams", "harbouroffice", "bob.berg1"])
def test_names_are_easily_guessed_by_whoever_knows_them(password: str) -> None:
    assert guessed(password, ["alice-adams", "bob.berg", "", "Harbouroffice"])


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "Xk3-92hfbq",
        "saw the ferry at nine",
        "grüne Äpfel essen",
        "не трогай мой сыр",
        "七つの海を渡る船",
        "🐎🔋📎✅ at the pier",
        "\0\0 nothing else \0",
    ],
)
def test_several_words_and_accidental_characters_are_not(password: str) -> None:
    assert not guessed(password, ["alice", "Alice Adams", "Chat"])


def test_of_whatever_is_sent_few_characters_and_signs_are_judged() -> None:
    dice = random.Random(4)
    for _ in range(200):
        sent = "".join(dice.choices(string.printable + "é七🐎", k=256))
        judged = _judged(sent)
        assert len(judged) == JUDGED_CHARACTERS
        assert len(SIGNS_OF_LETTERS & {*judged}) <= JUDGED_SIGNS
