"""Cleaning what people type."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

import regex

LONGEST_EXCERPT = 140  # characters
# Combining marks in a row (UAX #15, stream-safe). To normalise takes the square of a run's length.
MOST_MARKS = 30
LONGEST_QUOTE = 64     # characters of what was sent that are quoted in an answer
_BLANK_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")
_LINE_BREAKS = "\n\t"
# With signs that are no marks themselves but come apart into marks: Tibetan, halfwidth Katakana.
_LONG_RUN = regex.compile(
    rf"[\P{{Canonical_Combining_Class=0}}\u0F73\u0F75\u0F81\uFF9E\uFF9F]{{{MOST_MARKS + 1},}}"
)

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]


def normalize(form: Form, text: str) -> str:
    """Return `text` in a Unicode normal form, in time that grows with its length.

    Only the first MOST_MARKS of the combining marks on one letter stay; nobody can see the others.
    Nothing else in the chat may call `unicodedata.normalize`.
    """
    if not is_stream_safe(text):
        text = _LONG_RUN.sub(lambda run: run[0][:MOST_MARKS], text)
    return unicodedata.normalize(form, text)


def is_stream_safe(text: str) -> bool:
    """Tell whether no letter of `text` has more than MOST_MARKS combining marks."""
    return text.isascii() or _LONG_RUN.search(text) is None


def can_be_stored(text: str) -> bool:
    """Tell whether `text` has neither NUL nor half a character, which not all can carry."""
    if text.isascii():
        return "\0" not in text
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False


def clean_text(text: str, *, lines: bool = False) -> str:
    """Return `text` in Unicode's composed form, without space at its ends.

    `lines` allows line breaks (which become `\\n`) and tabs, and keeps the first line's indentation.
    Raises ValueError, with a sentence, for control characters and for lone surrogates.
    """
    if lines:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isprintable():
        for character in text:
            category = unicodedata.category(character)
            if category == "Cs" or (category == "Cc" and not (lines and character in _LINE_BREAKS)):
                raise ValueError("Control characters are not accepted.")
    text = normalize("NFC", text)
    return _BLANK_LINES.sub("", text).rstrip() if lines else text.strip()


def quoted(text: str) -> str:
    """Return the beginning of what somebody sent, as far as an answer can carry it."""
    return text[:LONGEST_QUOTE].encode(errors="replace").decode()


OVERRIDES = dict.fromkeys((0x202D, 0x202E))  # they show letters in another order than they are; no language needs them


def excerpt_of(body: str) -> str:
    """How a text begins, on one line; message_view.js has the same."""
    words = " ".join(body.translate(OVERRIDES).split())
    return words if len(words) <= LONGEST_EXCERPT else words[: LONGEST_EXCERPT - 1].rstrip() + "…"
