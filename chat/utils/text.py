"""Clean the text that people type."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

import regex

# Combining marks in a row (UAX #15, stream-safe). More would be slow: the time of normalisation is
# quadratic in the length of the row.
MOST_MARKS = 30
LONGEST_QUOTE = 64  # characters of input that an answer quotes
_BLANK_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")
# Escape sequences of terminals (ECMA-48): colours and movements, titles and links, charsets.
_TERMINAL = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]{0,4096}(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]{0,8}[0-~]"
)
_LINE_BREAK = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Includes signs that are not marks themselves but decompose into marks: Tibetan, halfwidth
# Katakana.
_LONG_RUN = regex.compile(
    rf"[\P{{Canonical_Combining_Class=0}}\u0F73\u0F75\u0F81\uFF9E\uFF9F]{{{MOST_MARKS + 1},}}"
)

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]


def normalize(form: Form, text: str) -> str:
    """Return `text` in a Unicode normal form, in linear time.

    Only the first MOST_MARKS combining marks of a letter stay; nobody can see the others. Nothing
    else in the chat may call `unicodedata.normalize`.
    """
    if not is_stream_safe(text):
        text = _LONG_RUN.sub(lambda run: run[0][:MOST_MARKS], text)
    return unicodedata.normalize(form, text)


def is_stream_safe(text: str) -> bool:
    """Return whether no letter of `text` has more than MOST_MARKS combining marks."""
    return text.isascii() or _LONG_RUN.search(text) is None


_NOTHING_SEEN = regex.compile(
    r"[\s\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800\u3164\uffa0\U0001D159]"
)
_BLOCK_SIGNS = regex.compile(r"(?:[-*+>#|`~_\s]|[0-9]{1,9}[.)])*")


def is_unseen(text: str) -> bool:
    """Return whether nothing of `text` is visible, even within list, quote and emphasis signs."""
    if text.isascii() or (text[0].isascii() and text[0].isalpha()):
        return not text.strip()
    seen = _NOTHING_SEEN.sub("", text)
    return len(seen) < len(text) and _BLOCK_SIGNS.fullmatch(seen) is not None


def can_be_stored(text: str) -> bool:
    """Return whether `text` has neither NUL nor a lone surrogate.

    Some formats cannot represent these two.
    """
    if text.isascii():
        return "\0" not in text
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:  # the text has a lone surrogate
        return False


def clean_text(text: str, *, lines: bool = False) -> str:
    """Return `text` in Unicode's composed form, without control characters and outer whitespace.

    `lines` keeps line breaks (all kinds become `\\n`), tabs, and the first line's indentation;
    without `lines` they become spaces. Terminal output loses its colours, not its text.
    """
    if not text.isprintable():
        text = _CONTROL.sub("", _LINE_BREAK.sub("\n", _TERMINAL.sub("", text)))
    text = normalize("NFC", text)
    if lines:
        return _BLANK_LINES.sub("", text).rstrip()
    return text.translate(_AS_SPACES).strip()


def quoted(text: str) -> str:
    """Return the beginning of an input, short enough for an answer to quote it."""
    return text[:LONGEST_QUOTE].encode(errors="replace").decode()


_AS_SPACES = str.maketrans("\n\t", "  ")
# Overrides of direction, which change the displayed order of letters; no language needs them.
OVERRIDES = dict.fromkeys((0x202D, 0x202E))
