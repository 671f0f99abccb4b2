"""Names of another chat, as this one takes them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chat.schemas.account_names import LONGEST_DISPLAY_NAME
from chat.schemas.profiles import LONGEST_TITLE
from chat.schemas.rooms import LONGEST_NAME, LONGEST_TOPIC
from chat.utils.lookalikes import is_reserved, looks_like_nobody
from chat.utils.names import clean_name, is_username, without_invisible
from chat.utils.text import clean_text, normalize

LONGEST_USERNAME = 32
MOST_TRIES = 10_000  # numbers behind a name
_OTHERS = re.compile(r"[^\w.-]+")


def usernames(wanted: str) -> Iterator[str]:
    """Yield usernames for somebody who had the username `wanted`, the best first."""
    name = _OTHERS.sub("-", normalize("NFKC", _storable(wanted)).strip())[:LONGEST_USERNAME]
    if not is_username(name):
        name = _OTHERS.sub("-", name.encode("ascii", "ignore").decode()).strip("-.")
    for base in (name, f"{name}-1"[-LONGEST_USERNAME:], "person"):
        if not is_username(base) or is_reserved(base):
            continue
        yield base
        for number in range(2, MOST_TRIES):
            ending = f"-{number}"
            yield base[: LONGEST_USERNAME - len(ending)] + ending


def display_name(wanted: str, other: str) -> str:
    """Return the name of a person, or `other` if this chat cannot show it."""
    name = _name(wanted, LONGEST_DISPLAY_NAME)
    return other if not name or looks_like_nobody(name) else name


def title(wanted: str) -> str:
    """Return what somebody does, or an empty text."""
    return _name(wanted, LONGEST_TITLE)


def room_name(wanted: str, other: str) -> str:
    """Return the name of a room, or `other` if this chat cannot show it."""
    return _name(wanted, LONGEST_NAME) or other


def numbered(name: str, number: int) -> str:
    """Return the name of a room with a number behind it."""
    ending = f" {number}"
    return name[: LONGEST_NAME - len(ending)] + ending


def topic(wanted: str) -> str:
    """Return a room's topic, cut where it is too long."""
    return without_invisible(clean_text(_storable(wanted)))[:LONGEST_TOPIC].rstrip()


def line(wanted: str, longest: int) -> str:
    """Return a text in one line, like the name of an app or a file; perhaps an empty one."""
    return without_invisible(clean_text(_storable(wanted)))[:longest].rstrip()


def _name(wanted: str, longest: int) -> str:
    try:
        name = clean_name(_storable(wanted))
        return clean_name(name[:longest].rstrip())
    except ValueError:
        pass
    try:
        return clean_name(line(wanted, longest))
    except ValueError:
        return ""


def _storable(text: str) -> str:
    return text.replace("\0", "").encode(errors="replace").decode()
