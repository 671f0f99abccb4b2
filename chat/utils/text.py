"""Cleaning what people type."""

from __future__ import annotations

import re
import unicodedata

LONGEST_EXCERPT = 140  # characters
_BLANK_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")
_LINE_BREAKS = "\n\t"


def clean_text(text: str, *, lines: bool = False) -> str:
    """`text` in Unicode's composed form, without space at its ends.

    `lines` allows line breaks (which become `\\n`) and tabs, and keeps the first line's indentation. Raises ValueError,
    with a sentence, for control characters and for lone surrogates, which no database or browser agrees on.
    """
    if lines:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isprintable():
        for character in text:
            category = unicodedata.category(character)
            if category == "Cs" or (category == "Cc" and not (lines and character in _LINE_BREAKS)):
                raise ValueError("Control characters are not accepted.")
    text = unicodedata.normalize("NFC", text)
    return _BLANK_LINES.sub("", text).rstrip() if lines else text.strip()


def excerpt_of(body: str) -> str:
    """How a text begins, on one line; message_view.js has the same."""
    words = " ".join(body.split())
    return words if len(words) <= LONGEST_EXCERPT else words[: LONGEST_EXCERPT - 1].rstrip() + "…"
