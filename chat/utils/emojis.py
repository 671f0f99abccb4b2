"""Emoji, by Unicode's own list."""

from __future__ import annotations

from functools import cache

import emoji

FULLY_QUALIFIED = 2
FIRST_FACE, LAST_FACE = "\U0001f600", "\U0001f64f"  # Unicode's block "Emoticons"
_SELECTOR = "\ufe0f"  # asks for the coloured form; keyboards send it or leave it out


def emoji_from(text: str) -> str | None:
    """The one emoji that `text` is, or names like `:heart:`, in its fully qualified form; None if it is none."""
    found = emoji.emojize(text, language="alias") if text.startswith(":") else text
    return _qualified().get(found.replace(_SELECTOR, ""))


@cache
def named_emoji() -> list[list[str]]:
    """[emoji, name, other name, …] of every emoji, in one tone of skin: `["👍️", "thumbs up", "+1"]`; the faces first."""
    listed = [
        [each, *dict.fromkeys(name.strip(":").replace("_", " ") for name in [data["en"], *data.get("alias", ())])]
        for each, data in emoji.EMOJI_DATA.items()
        if data["status"] == FULLY_QUALIFIED and "_skin_tone" not in data["en"]
    ]
    return sorted(listed, key=lambda item: (not FIRST_FACE <= item[0] <= LAST_FACE, item[0]))


@cache
def _qualified() -> dict[str, str]:
    return {each.replace(_SELECTOR, ""): each for each, data in emoji.EMOJI_DATA.items() if data["status"] == FULLY_QUALIFIED}
