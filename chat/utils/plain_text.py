"""Convert a message's HTML, as `markup` renders it, to the text that its reader sees.

The text has neither markup nor the addresses of links.
"""

from __future__ import annotations

import re
from html import unescape

Range = tuple[int, int]  # from, to

LONGEST_EXCERPT = 140  # characters
_BLOCK = re.compile(
    r"<(?:br|hr|/p|/h[1-6]|/li|/pre|/blockquote|/tr|/div)\b[^<>]*>\s*", re.IGNORECASE
)
_CELL = re.compile(r"</t[hd]>\s*", re.IGNORECASE)
_TAG = re.compile(r"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_CODE_BEGINS = re.compile(r"<code\b[^<>]*>", re.IGNORECASE)
_CODE_ENDS = re.compile(r"(\s*)</code>", re.IGNORECASE)
_BEGINS, _ENDS = "\ue000", "\ue001"  # of code; no keyboard has them
_LINES = re.compile(r"\n{2,}")


def plain_text(html: str) -> str:
    """Return the visible text, one line for each block."""
    text = _CELL.sub(" ", _BLOCK.sub("\n", html))
    return _LINES.sub("\n", unescape(_TAG.sub("", text))).strip()


def plain_text_and_code(html: str) -> tuple[str, list[Range]]:
    """Return the visible text, and which ranges of it are code, in order and disjoint."""
    if _BEGINS in html or _ENDS in html:  # somebody wrote the signs that stand in for the tags
        return plain_text(html), []
    marked = plain_text(_CODE_ENDS.sub(rf"{_ENDS}\1", _CODE_BEGINS.sub(_BEGINS, html)))
    pieces = re.split(f"([{_BEGINS}{_ENDS}])", marked)
    text, ranges, begin = "", [], 0
    for piece in pieces:
        if piece == _BEGINS:
            begin = len(text)
        elif piece == _ENDS:
            ranges.append((begin, len(text)))
        else:
            text += piece
    return text, ranges


def excerpt_of(html: str, body: str) -> str:
    """Return the beginning of what a message shows, on one line; excerpts.js computes the same.

    `html`: the message as `markup` renders it. `body`: the text as typed, which stands in where the
    message shows no letters, as in a line drawn with `---`.
    """
    words = " ".join((plain_text(html) or body).split())
    if len(words) <= LONGEST_EXCERPT:
        return words
    return words[: LONGEST_EXCERPT - 1].rstrip() + "…"
