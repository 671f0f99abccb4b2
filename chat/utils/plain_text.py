"""Convert a message's HTML, as `markup` renders it, to the text that its reader sees.

The text has neither markup nor the addresses of links.
"""

from __future__ import annotations

import re
from html import unescape

LONGEST_EXCERPT = 140  # characters
_BLOCK = re.compile(
    r"<(?:br|hr|/p|/h[1-6]|/li|/pre|/blockquote|/tr|/div)\b[^<>]*>\s*", re.IGNORECASE
)
_CELL = re.compile(r"</t[hd]>\s*", re.IGNORECASE)
_TAG = re.compile(r"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_LINES = re.compile(r"\n{2,}")


def plain_text(html: str) -> str:
    """Return the visible text, one line for each block."""
    text = _CELL.sub(" ", _BLOCK.sub("\n", html))
    return _LINES.sub("\n", unescape(_TAG.sub("", text))).strip()


def excerpt_of(html: str, body: str) -> str:
    """Return the beginning of what a message shows, on one line; excerpts.js computes the same.

    `html`: the message as `markup` renders it. `body`: the text as typed, which stands in where the
    message shows no letters, as in a line drawn with `---`.
    """
    words = " ".join((plain_text(html) or body).split())
    if len(words) <= LONGEST_EXCERPT:
        return words
    return words[: LONGEST_EXCERPT - 1].rstrip() + "…"
