"""Join what other apps share into one text, as models/shared_text.js does."""

from __future__ import annotations

_OF_ADDRESSES = set("_/?#=&%@~+-")  # with letters and digits: where no word and no address ends


def joined(title: str, text: str, url: str) -> str:
    """Return title, text and address as lines, without those that another one contains."""
    parts = [part for each in (title, text, url) if (part := each.strip())]
    return "\n".join(part for number, part in enumerate(parts) if not _is_told(parts, number))


def _is_told(parts: list[str], number: int) -> bool:
    part = parts[number]
    before, after = parts[:number], parts[number + 1 :]
    return part in before or any(_contains(each, part) for each in before + after if each != part)


def _contains(text: str, part: str) -> bool:
    """Return whether `part` is in the text, not as a piece of a longer word or address."""
    place = text.find(part)
    while place != -1:
        around = text[place - 1 : place] + text[place + len(part) : place + len(part) + 1]
        if not any(character.isalnum() or character in _OF_ADDRESSES for character in around):
            return True
        place = text.find(part, place + 1)
    return False
