"""Write the Markdown of docs/text.md: links, bold words, quotes, code, paragraphs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote

from chat.utils.translation import _, ngettext

LAST_SECOND = 253_402_300_800  # of the year 9999
LONGEST_MOMENT = 20  # characters of a time in seconds
LONGEST_NAME = 40  # characters of the name of something that is not shown
_ADDRESS = re.compile(r"(?:https?://|mailto:)\S", re.IGNORECASE)
# What the chat takes in an address only as %-codes.
_UNSAFE = re.compile(r"[\s<>|\\\x00-\x1f\x7f]")
_BRACKETS = {")": "(", "]": "[", "}": "{"}
# The chat stresses nothing that begins or ends with these; `chat/utils/markup/emphasis.py`.
_NO_BEGINNING = set("),;>?]^|}")
_NO_END = set("&/<=@\\^|([{")
_RUN = re.compile(r"`{3,}")
_BLOCK = re.compile(r"(?:[-*>]|[0-9]{1,9}[.)]|```|\|)(?:\s|$)|```|---")
_HEADING = re.compile(r"#{1,6} ")
_NOT_IN_NAMES = re.compile(r"[^\w .,:!?'+&…-]")


def link(words: str, address: str) -> str:
    """Return a link with `words`, one line of Markdown. Other schemes than the chat's are named."""
    address = _UNSAFE.sub(lambda found: quote(found[0]), address.strip())
    words = words.strip()
    if not address:
        return words
    if _ADDRESS.match(address) is None:
        return f"{words} ({address})" if words and words != address else address
    mail = address.removeprefix("mailto:")
    if not words or words in (address, mail):
        return mail if mail != address else f"<{address}>"
    if not is_balanced(address):
        address = address.replace("(", "%28").replace(")", "%29")
    if not is_balanced(words):  # a lone bracket would end the link, or begin another
        words = words.replace("[", "(").replace("]", ")")
    return f"[{words}]({address})"


def bold(words: str) -> str:
    """Return `words` in bold; as they are if the chat would show the signs."""
    return f"**{words}**" if words and can_be_stressed(words) and "**" not in words else words


def can_be_stressed(words: str) -> bool:
    """Return whether the chat sees signs of emphasis around `words` as markup."""
    return words[0] not in _NO_BEGINNING and words[-1] not in _NO_END and is_balanced(words)


def is_balanced(text: str) -> bool:
    """Return whether every bracket of `text` has its counterpart."""
    opened: list[str] = []
    for character in text:
        if character in "([{":
            opened.append(character)
        elif character in _BRACKETS and (not opened or opened.pop() != _BRACKETS[character]):
            return False
    return not opened


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def fenced(code: str, language: str = "") -> str:
    """Return code between fences longer than those within it."""
    fence = max((*_RUN.findall(code), "``"), key=len) + "`"
    return f"{fence}{language}\n{code}\n{fence}"


def heading(words: str) -> str:
    return f"## {words}" if words else ""


def with_sign(sign: str, text: str) -> str:
    """Return `text` behind a sign; text that begins with a block stays one, below the sign."""
    if not sign or not text or _begins_with_sign(text):
        return text
    if title := _HEADING.match(text):
        return f"{title[0]}{sign} {text[title.end() :]}"
    return f"{sign}\n{text}" if _BLOCK.match(text) else f"{sign} {text}"


def _begins_with_sign(text: str) -> bool:
    """Return whether a tool put a sign of its own before its text: two would say it twice."""
    first = text.lstrip("#* ")[:1]
    return bool(first) and unicodedata.category(first) == "So"


def paragraphs(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part.strip())


def lines(parts: Iterable[str]) -> str:
    return "\n".join(part for part in parts if part.strip())


def moment(seconds: object) -> str:
    """Return seconds since 1970 as a time in UTC; an empty text if they are none."""
    if isinstance(seconds, bool) or not isinstance(seconds, str | int | float):
        return ""
    if isinstance(seconds, str) and len(seconds) > LONGEST_MOMENT:
        return ""
    try:
        number = float(seconds)
    except (ValueError, OverflowError):
        return ""
    if not 0 < number < LAST_SECOND:
        return ""
    return datetime.fromtimestamp(number, UTC).strftime("%Y-%m-%d %H:%M UTC")


def not_shown(*named: str) -> str:
    """Return the sentence that names what the chat cannot show; an empty text for nothing."""
    names = [_NOT_IN_NAMES.sub("", name[:LONGEST_NAME]).strip() for name in named]
    return _("(Not shown here: {what})", what=", ".join(names)) if names else ""


def more_parts(count: int) -> str:
    """Return the sentence that counts what was beyond a bound; an empty text for none."""
    if count <= 0:
        return ""
    return ngettext("… and {count} more part", "… and {count} more parts", count)
