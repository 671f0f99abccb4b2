"""Display a link's address as it was written, without misleading the reader."""

from __future__ import annotations

import re
from urllib.parse import quote

import regex
from markdown_it.common.normalize_url import normalizeLink

from chat.utils.text import normalize

_PARTS = re.compile(
    r"(?P<scheme>https?:/*|mailto:)?(?:[^/?#]*@)?(?P<host>\[[^\]/?#]*\]|[^/?#:@]+)", re.IGNORECASE
)
# Characters that change the direction of the following text, so that its displayed order differs
# from the parsed one.
_DIRECTIONS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
# Characters that look like a dot or a slash, but that NFKC leaves unchanged; and combining marks
# after such a character.
_LOOKS = str.maketrans(dict.fromkeys("․·•‧∙⋅・۔܂꓿٠։。｡．˙", ".") | dict.fromkeys("∕⁄⧸╱⟋", "/"))
_MARKED = regex.compile(r"(?<=[./])\p{M}+")
_SPACE = regex.compile(r"\p{Z}")
# Invisible characters, except those that belong to an emoji or to the spelling of a word.
_HIDDEN = regex.compile(
    r"(?!(?<=\p{Extended_Pictographic})\uFE0F"
    r"|(?<=[\p{L}\p{M}\p{Extended_Pictographic}\uFE0F])"
    r"[\u200C\u200D](?=[\p{L}\p{Extended_Pictographic}]))"
    r"[\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}]"
)
_UNSEEN = regex.compile(r"[\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}]")
# A host in a link's text: the name after a scheme, a name with dots, or four numbers.
_HOST = re.compile(
    r"https?:[/\\]+(?P<behind_scheme>[^\s/\\?#]+)"
    r"|(?<![\w.-])"
    r"(?P<name>(?:[\w-]+[.。])+(?:xn--[\w-]+|[^\W\d_]{2,})|[0-9]{1,3}(?:\.[0-9]{1,3}){3})",
    re.IGNORECASE,
)
_PORT = re.compile(r":[0-9]*\Z")


def shown(written: str) -> str:
    """Return an address as it was written, its host in ASCII, invisible signs as %-codes."""
    parts = _PARTS.match(written)
    if parts and not parts["host"].isascii():
        written = written[: parts.start("host")] + host_of(written) + written[parts.end("host") :]
    return str(_HIDDEN.sub(lambda sign: quote(sign[0]), written))


def host_of(address: str) -> str:
    """Return the host that an address leads to, in ASCII; empty when there is none.

    An address without a scheme counts as a web address.
    """
    parts = _PARTS.match(address)
    if parts is None:
        return ""
    if not parts["scheme"]:
        address = f"https://{address}"
    normal = _PARTS.match(normalizeLink(address))
    if normal is None:
        return ""
    return normal["host"].lower()


def leads_elsewhere(text: str, address: str) -> str | None:
    """Return the host of a link's `address` if its `text` looks like another address.

    Returns None if the text does not.
    """
    host = host_of(address)
    if not host:
        return None
    if _DIRECTIONS.search(text):
        return host
    for word in _as_seen(text).split():
        seen = _HOST.search(word.rpartition("@")[2] if address.startswith("mailto:") else word)
        if seen and not _is_same(seen["behind_scheme"] or seen["name"], host):
            return host
    return None


def _as_seen(text: str) -> str:
    """Return a text as people see it: without invisible characters.

    Lookalikes of dots and slashes become plain dots and slashes.
    """
    there = _UNSEEN.sub("", _SPACE.sub(" ", text).replace(" ", "\n")).translate(_LOOKS)
    return str(_MARKED.sub("", normalize("NFKC", there).translate(_LOOKS)))


def _is_same(seen: str, host: str) -> bool:
    return "@" not in seen and _plain(host_of(_PORT.sub("", seen))) == _plain(host)


def _plain(host: str) -> str:
    return host.removeprefix("www.").rstrip(".")
