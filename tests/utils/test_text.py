"""Cleaning of text, passwords, times."""

from __future__ import annotations

import itertools
import time
import unicodedata
from datetime import UTC, datetime

import pytest

from chat.utils.clock import now, rfc3339
from chat.utils.passwords import hash_password, verify_password
from chat.utils.text import MOST_MARKS, clean_text, is_stream_safe, is_unseen


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  hello  ", "  hello"),
        (" \n\n    indented\n  \t", "    indented"),
        (" \n \t", ""),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("cafe\u0301", "caf\u00e9"),
        ("שלום 你好 👩‍👩‍👧", "שלום 你好 👩‍👩‍👧"),
    ],
)
def test_text_is_cleaned_and_otherwise_kept(typed: str, kept: str) -> None:
    assert clean_text(typed, lines=True) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("x\0y", "xy"),
        ("a\x07b", "ab"),
        ("a\x08b\x7fc", "abc"),
        ("a\x9fb", "ab"),
        ("a\vb\fc\x85d\u2028e\u2029f", "a\nb\nc\nd\ne\nf"),
        ("a\tb", "a\tb"),
        ("\x1b[31merror\x1b[0m: \x1b[1;38;5;200mno\x1b[m such", "error: no such"),
        ("\x9b31mred\x9b0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://x.org\x1b\\here\x1b]8;;\x1b\\", "here"),
        ("\x1b(Bplain\x1b=\x1b[?25l\x1b[2K", "plain"),
        ("50%\r100%", "50%\n100%"),
        ("lone \x1b", "lone"),
        ("\x1b]never ends", "never ends"),
    ],
)
def test_control_characters_are_cleaned_and_what_a_terminal_printed_stays(
    typed: str, kept: str
) -> None:
    assert clean_text(typed, lines=True) == kept


def test_colours_of_a_terminal_take_no_longer_than_the_text() -> None:
    for piece in ("\x1b[", "\x1b]", "\x1b[0;", "\x9d", "\x1b[ ", "\x1b"):

        def seconds(count: int, piece: str = piece) -> float:
            begun = time.thread_time()
            clean_text(piece * count, lines=True)
            return time.thread_time() - begun

        assert (
            min(seconds(20_000) for _ in range(3))
            < 4 * min(seconds(10_000) for _ in range(3)) + 0.002
        ), repr(piece)


def test_a_name_has_one_line() -> None:
    assert clean_text("two\nlines\vand\ta tab\x1b[1m") == "two lines and a tab"


@pytest.mark.parametrize(
    "text",
    [
        "\u200b",
        "\u2060\ufeff",
        "\u00ad",
        "\u3164",
        "\u034f",
        "- \u200b",
        "> \u2800",
        "1. \u200d",
        "**\u200b**",
        "\u115f\U000e0020",
    ],
)
def test_what_nobody_sees_is_nothing(text: str) -> None:
    assert is_unseen(text)


@pytest.mark.parametrize(
    "text",
    ["-", "#", "**", "a\u200b", "می\u200cخواهم", "👨\u200d👩", "7", "é", "…", "\u3164x", "1."],
)
def test_what_somebody_sees_is_something(text: str) -> None:
    assert not is_unseen(text)


def test_every_character_of_a_password_counts() -> None:
    long = "p" * 200
    hashed = hash_password(long)
    assert verify_password(long, hashed)
    assert not verify_password(long[:-1] + "q", hashed), "bcrypt alone reads 72 bytes"
    assert verify_password("pa\u0308ss\x00word", hash_password("p\u00e4ss\x00word"))
    assert not verify_password("päss\x00other", hash_password("päss\x00word")), (
        "bcrypt alone stops at NUL"
    )


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
    assert (
        len(unicodedata.normalize("NFD", clean_text("a" + "\u0323\u0301\u0327\u0345" * 1000 + "b")))
        == 1 + MOST_MARKS + 1
    )
    assert clean_text("Nguye\u0302\u0303n") == "Nguy\u1ec5n"
