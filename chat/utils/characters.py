"""Classify characters, to decide whether a sign beside one begins or ends a word or markup."""

from __future__ import annotations

from functools import lru_cache

import regex

# Letters of scripts whose words have no spaces between them, or whose endings follow without a
# space: a sign beside such a letter is not inside a word. `scx` includes the marks and signs that
# only these scripts use, such as ー.
_SPACELESS_LETTER = regex.compile(
    r"[[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\p{scx=Yi}"
    r"\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Tibetan}\p{scx=Tai_Tham}]"
    r"&&[\p{L}\p{N}\p{M}]]",
    regex.V1,
)
_WORD = regex.compile(r"[\p{L}\p{N}\p{M}]")
_ASIAN_PUNCTUATION = regex.compile(
    r"[\u3001-\u303f\u30fb\ufe10-\ufe1f\ufe30-\ufe4f\uff01-\uff65&&\p{P}\p{S}]", regex.V1
)
_QUOTES = frozenset("\"'“”„‟‘’‚‛«»‹›")  # languages differ in which of these opens a quotation
_OPENING = regex.compile(r"[\p{Ps}¡¿]")
_CLOSING = regex.compile(r"[\p{Pe}\p{Terminal_Punctuation}…%‰°]")
_SYMBOL = regex.compile(r"[^\x00-\x7f]")

# The kinds of characters
SPACE = 0
WORD = 1
SPACELESS = 2
ASIAN = 3
OPENING = 4
CLOSING = 5
QUOTE = 6
SYMBOL = 7
OTHER = 8

_KINDS = (
    (ASIAN, _ASIAN_PUNCTUATION),
    (SPACELESS, _SPACELESS_LETTER),
    (WORD, _WORD),
    (OPENING, _OPENING),
    (CLOSING, _CLOSING),
    (SYMBOL, _SYMBOL),
)


@lru_cache(maxsize=4_096)
def kind(character: str) -> int:
    """Return the character's kind, one of the above; SPACE if there is no character."""
    if not character or character.isspace():
        return SPACE
    if character in _QUOTES:
        return QUOTE
    return next((each for each, pattern in _KINDS if pattern.match(character)), OTHER)


def is_in_word(character: str) -> bool:
    """Return whether this letter or digit makes a sign beside it part of a word."""
    return kind(character) == WORD
