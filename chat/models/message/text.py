"""Text: a message's text, as typed and as shown; its form in the log, and its size in bytes.

The log stores the HTML, with the renderer's number, if that saves more than it costs. It does not
store the HTML of a text without markup, which is quick to render, or HTML that is much larger than
the text. The log also stores the ids of the people whom a text names. So a later rendering names
the same people, even if they have other names by then.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import orjson

from chat.models.app_account import App
from chat.utils import markup

# The log stores HTML of at most STORED_TIMES the characters of the text, plus STORED_MORE.
STORED_TIMES = 2
STORED_MORE = 256
ENTRY_BYTES = 600  # size of an entry without its text, but with its records in the indexes
INDEX_BYTES = 8  # size in the search index of each letter of a message's different words
MOST_INDEX_BYTES = 48_000  # size of one message in the search index, at most
SHORT = 500  # characters: a shorter text hardly repeats a word
PACKED_FROM = 1_000  # bytes: zlib packs a text of this size or larger
PACKED_LEVEL = 1  # the fastest level of zlib
RENDERED = 50  # texts without stored HTML whose HTML is cached
LONGEST_RENDERED = 10_000  # characters: the HTML of a longer text is not cached

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Text:
    """The text of a message, as typed (`body`) and as shown (`html`).

    `names`: casefolded name -> id of the person whom the text names, or markup.ROOM. `is_plain`:
    whether the text is known to have no markup. `app`: the app that wrote it, if it was one.
    """

    body: str
    html: str
    names: dict[str, str] = field(default_factory=dict)
    is_plain: bool = False
    app: App | None = None

    @classmethod
    def render(cls, body: str, names: dict[str, str], app: App | None = None) -> Text:
        """Return a clean `body`, rendered, with the people of `names` whom the body mentions."""
        rendered = markup.render(body, names)
        mentioned = {name: meant for name, meant in names.items() if meant in rendered.named}
        return cls(body, rendered.html, mentioned, rendered.is_plain, app)

    @classmethod
    def unpack(cls, packed: bytes) -> Text:
        """Return the text of packed bytes. Render it, if they lack the HTML of this renderer."""
        content = _content_of(packed)
        body = content["body"]
        names = content.get("names", {})
        app = App(*content["app"]) if "app" in content else None
        if content.get("renderer") == markup.RENDERER:
            return cls(body, content["html"], names, app=app)
        return cls(body, _html(body, names), names, app=app)

    @cached_property
    def packed(self) -> bytes:
        """Return the text as the log stores it, in JSON. A long text is packed by zlib.

        The HTML repeats the text, so packed together they take hardly more bytes than the text.
        """
        content: dict[str, Any] = {"body": self.body, "names": self.names}
        if self.app:
            content["app"] = list(self.app)
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
        """Return how many bytes posting writes: entry, text, and an estimate for the index."""
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
