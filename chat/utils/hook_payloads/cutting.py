"""Cut a text that is longer than a message may be, and say how much is missing."""

from __future__ import annotations

import re

from chat.utils.text import clean_text
from chat.utils.translation import ngettext

OF_THE_NOTE = 120  # characters that the note and the end of a fence may take, in any language
_FENCE = re.compile(r"^[ >]{0,6}(`{3,40})(?=[^`\n]*$)", re.MULTILINE)


def fitting(text: str, longest: int, cut: int = 0) -> str:
    """Return `text` if it fits; else its beginning up to a line's end, and a note.

    `cut`: the characters that are missing already. A text that may be too long is cleaned first:
    the colours of a log count for nothing.
    """
    if len(text) > longest:
        text = clean_text(text, lines=True)
    if len(text) <= longest and not cut:
        return text
    kept = _beginning(text, max(1, longest - OF_THE_NOTE))
    count = cut + len(text) - len(kept)
    note = ngettext("… cut: {count} more character", "… cut: {count} more characters", count)
    return f"{kept}{_end_of_fence(kept)}\n\n{note}"


def _beginning(text: str, room: int) -> str:
    if len(text) <= room:
        return text
    for separator in ("\n", " "):
        end = text.rfind(separator, room // 2, room)
        if end >= 0:
            return text[:end].rstrip()
    return text[:room]


def _end_of_fence(text: str) -> str:
    """Return what closes the fence in which `text` ends; nothing if it ends in none."""
    opened = ""
    for found in _FENCE.finditer(text):
        if not opened:
            opened = found[1]
        elif len(found[1]) >= len(opened):
            opened = ""
    return f"\n{opened}" if opened else ""
