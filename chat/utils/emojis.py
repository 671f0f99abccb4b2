"""Emoji, by Unicode's own list."""

from __future__ import annotations

from functools import cache

import emoji

FULLY_QUALIFIED = 2
_SELECTOR = "\ufe0f"  # asks for the coloured form; keyboards send it or leave it out


def emoji_from(text: str) -> str | None:
    """The one emoji that `text` is, or names like `:heart:`, in its fully qualified form; None if it is none."""
    found = emoji.emojize(text, language="alias") if text.startswith(":") else text
    return _qualified().get(found.replace(_SELECTOR, ""))


@cache
def _qualified() -> dict[str, str]:
    return {each.replace(_SELECTOR, ""): each for each, data in emoji.EMOJI_DATA.items() if data["status"] == FULLY_QUALIFIED}
