"""Convert a message's HTML, as `markup` renders it, to the text that its reader sees.

The text has neither markup nor the addresses of links.
"""

from __future__ import annotations

import re
from html import unescape

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
