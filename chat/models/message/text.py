"""Text: what a message says, as typed and as shown; its form in the log, and the bytes it takes.

The log stores the rendered form, and the renderer's number, where that saves more than it costs.
It does not where a text has no markup, for that is quick to render, nor where the HTML is much
larger than the text. The log also stores the ids of the people whom a text names. So a later
rendering names the same people, even if they have other names by then.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import orjson

from chat.utils import markup

# HTML with more characters is not stored: so many for each one of the text, and so many more.
STORED_TIMES = 2
STORED_MORE = 256
ENTRY_BYTES = 600  # of an entry without its text, but with its places in the indexes
INDEX_BYTES = 8  # of the search index, for each letter of different words
MOST_INDEX_BYTES = 48_000  # of the search index, for a message
SHORT = 500  # characters: shorter texts hardly repeat a word
PACKED_FROM = 1_000  # bytes
PACKED_LEVEL = 1  # of zlib, the fastest
RENDERED = 50  # cached HTML of texts whose HTML is not stored, if a text is not longer than
LONGEST_RENDERED = 10_000  # characters

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Text:
    """What a message says, as typed (`body`) and as shown (`html`).

    `names`: the ids of the people whom it names, by casefolded name, or markup.ROOM. `is_plain`:
    whether it is known to have no markup.
    """

    body: str
    html: str
    names: dict[str, str] = field(default_factory=dict)
    is_plain: bool = False

    @classmethod
    def render(cls, body: str, names: dict[str, str]) -> Text:
        """Return a clean `body`, rendered, with those of `names` that it mentions."""
        rendered = markup.render(body, names)
        mentioned = {name: meant for name, meant in names.items() if meant in rendered.named}
        return cls(body, rendered.html, mentioned, rendered.is_plain)

    @classmethod
    def unpack(cls, packed: bytes) -> Text:
        """Return the text that `packed` packed; render it if another renderer made its HTML."""
        content = _content_of(packed)
        body = content["body"]
        names = content.get("names", {})
        if content.get("renderer") == markup.RENDERER:
            return cls(body, content["html"], names)
        return cls(body, _html(body, names), names)

    @cached_property
    def packed(self) -> bytes:
        """Return the text as stored, in JSON; a long one is packed by zlib.

        The rendered form repeats the text, so both together take hardly more bytes than one.
        """
        content: dict[str, Any] = {"body": self.body, "names": self.names}
        if self._stores_html:
            content |= {"html": self.html, "renderer": markup.RENDERER}
        packed = orjson.dumps(content)
        if len(packed) < PACKED_FROM:
            return packed
        return min(packed, zlib.compress(packed, PACKED_LEVEL), key=len)

    @property
    def _stores_html(self) -> bool:
        is_short = len(self.html) <= STORED_TIMES * len(self.body) + STORED_MORE
        return is_short and not self.is_plain

    @property
    def stored_bytes(self) -> int:
        """Return how many bytes the stored text takes."""
        return len(self.packed)

    @property
    def written_bytes(self) -> int:
        """Return how many bytes a message writes: entry, text, and an estimate for the index."""
        words = len(self.body)
        if words > SHORT:
            words = sum(map(len, set(_WORD.findall(self.body))))
        return ENTRY_BYTES + self.stored_bytes + min(MOST_INDEX_BYTES, INDEX_BYTES * words)


NO_TEXT = Text("", "")


def packed_body(packed: bytes) -> str:
    """Return the body of a packed text, without rendering it."""
    return str(_content_of(packed)["body"])


def forget_rendered() -> None:
    _rendered.cache_clear()


def _content_of(packed: bytes) -> dict[str, Any]:
    if not packed.startswith(b"{"):
        packed = zlib.decompress(packed)
    content: dict[str, Any] = orjson.loads(packed)
    return content


def _html(body: str, names: dict[str, str]) -> str:
    if html := markup.plain(body):
        return html
    if len(body) > LONGEST_RENDERED:
        return markup.render(body, names).html
    return _rendered(body, tuple(names.items()))


@lru_cache(RENDERED)
def _rendered(body: str, names: tuple[tuple[str, str], ...]) -> str:
    return markup.render(body, dict(names)).html
