"""Cleaning, passwords, times."""

from __future__ import annotations

import itertools
import unicodedata
from datetime import UTC, datetime

import pytest

from chat.utils.clock import now, rfc3339
from chat.utils.passwords import hash_password, verify_password
from chat.utils.text import MOST_MARKS, clean_text, is_stream_safe


@pytest.mark.parametrize(("typed", "kept"), [
    ("  hello  ", "  hello"),
    (" \n\n    indented\n  \t", "    indented"),
    (" \n \t", ""),
    ("one\r\ntwo\rthree", "one\ntwo\nthree"),
    ("cafe\u0301", "caf\u00e9"),
    ("שלום 你好 👩‍👩‍👧", "שלום 你好 👩‍👩‍👧"),
])
def test_text_is_cleaned_and_otherwise_kept(typed: str, kept: str) -> None:
    assert clean_text(typed, lines=True) == kept


@pytest.mark.parametrize("bad", ["a\x00b", "a\x07b", "a\x1b[31mb", "a\x7fb", "\ud800"])
def test_control_characters_and_lone_surrogates_are_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="not accepted"):
        clean_text(bad, lines=True)


def test_a_name_has_one_line() -> None:
    with pytest.raises(ValueError, match="not accepted"):
        clean_text("two\nlines")


def test_every_character_of_a_password_counts() -> None:
    long = "p" * 200
    hashed = hash_password(long)
    assert verify_password(long, hashed)
    assert not verify_password(long[:-1] + "q", hashed), "bcrypt alone reads 72 bytes"
    assert verify_password("pa\u0308ss\x00word", hash_password("p\u00e4ss\x00word"))
    assert not verify_password("päss\x00other", hash_password("päss\x00word")), "bcrypt alone stops at NUL"


def test_times_are_utc_with_milliseconds_and_sort_as_text() -> None:
    assert rfc3339(datetime(2026, 1, 31, 9, 5, 7, 45_999, UTC)) == "2026-01-31T09:05:07.045Z"
    assert now().microsecond % 1000 == 0


def test_what_counts_as_a_mark_is_all_that_comes_apart_into_marks() -> None:
    """Otherwise a run of them passes, and takes the square of its length to normalise."""
    for number in itertools.chain(range(0xD800), range(0xE000, 0x110000)):
        character = chr(number)
        if unicodedata.combining(unicodedata.normalize("NFKD", character)[0]):
            assert not is_stream_safe(character * (MOST_MARKS + 1)), f"U+{number:04X}"


def test_of_a_heap_of_marks_only_what_can_be_seen_stays() -> None:
    assert len(unicodedata.normalize("NFD", clean_text("a" + "\u0323\u0301\u0327\u0345" * 1000 + "b"))) == 1 + MOST_MARKS + 1
    assert clean_text("Nguye\u0302\u0303n") == "Nguy\u1ec5n"
