"""Cleaning, passwords, times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chat.utils.clock import now, rfc3339
from chat.utils.passwords import hash_password, verify_password
from chat.utils.text import clean_text


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
