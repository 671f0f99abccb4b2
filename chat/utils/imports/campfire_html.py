"""The HTML of Campfire's rich texts (Action Text, written with Trix) as this chat's Markdown."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Collection
from html.parser import HTMLParser

from chat.utils.hook_payloads.markdown import bold, fenced, link, quoted
from chat.utils.hook_payloads.mrkdwn import escaped
from chat.utils.imports.past import mention_of, plain

LONGEST = 500_000  # characters of HTML that are read
DEEPEST = 50  # open elements
BLOCKS = {"div", "p", "h2", "h3", "ul", "ol", "figure"}
SIGNS = {"em": "_", "i": "_", "del": "~~", "s": "~~", "strike": "~~"}
_GLOBAL_ID = re.compile(rb"gid://[^/]{1,100}/User/(\d{1,20})")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}={0,2}")
_BLANK = re.compile(r"\n{3,}")


def markdown_of(html: str, people: Collection[str]) -> str:
    """Return a rich text as Markdown. `people`: the keys of whom a mention may name."""
    writer = _Writer(people)
    writer.feed(html[:LONGEST])
    writer.close()
    return _BLANK.sub("\n\n", writer.text()).strip("\n")


class _Writer(HTMLParser):
    """Keeps a stack of open elements, each with what was written in it."""

    def __init__(self, people: Collection[str]):
        super().__init__(convert_charrefs=True)
        self._people = people
        self._open: list[tuple[str, dict[str, str], list[str]]] = [("", {}, [])]

    def text(self) -> str:
        while len(self._open) > 1:
            self._close()
        return "".join(self._open[0][2])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = {name: value or "" for name, value in attrs}
        if tag == "br":
            self._write("\n")
        elif tag == "action-text-attachment":
            self._write(self._attached(about))
        elif tag not in {"img", "hr"} and len(self._open) < DEEPEST:
            self._open.append((tag, about, []))

    def handle_endtag(self, tag: str) -> None:
        if any(tag == each for each, _about, _parts in self._open[1:]):
            while self._open[-1][0] != tag:
                self._close()
            self._close()

    def handle_data(self, data: str) -> None:
        is_code = any(tag in {"pre", "code"} for tag, _about, _parts in self._open)
        self._write(plain(data) if is_code else escaped(plain(data.replace("\n", " "))))

    def _write(self, text: str) -> None:
        self._open[-1][2].append(text)

    def _close(self) -> None:
        tag, about, parts = self._open.pop()
        self._write(_written(tag, about, "".join(parts)))

    def _attached(self, about: dict[str, str]) -> str:
        """Return a mention, or the address of what else is attached."""
        key = _person_in(about.get("sgid", ""))
        if key in self._people:
            return mention_of(key)
        return about.get("url") or about.get("href") or about.get("filename") or ""


def _written(tag: str, about: dict[str, str], text: str) -> str:
    """Return what was written in an element, as Markdown."""
    words = text.strip()
    if not words:
        return f"{text}\n" if tag in BLOCKS else text
    if tag in SIGNS:
        return words if "\n" in words else f"{SIGNS[tag]}{words}{SIGNS[tag]}"
    if tag == "a":
        address = about.get("href", "")
        return words if words == address else link(words, address)
    if write := _WRITES.get(tag):
        return write(words)
    return f"{text}\n" if tag in BLOCKS else text


_WRITES: dict[str, Callable[[str], str]] = {
    "pre": lambda words: f"{fenced(words)}\n",
    "blockquote": lambda words: f"{quoted(words)}\n\n",
    "li": lambda words: f"- {words}\n",
    "h1": lambda words: f"{bold(words)}\n",
    "strong": bold,
    "b": bold,
    "code": lambda words: words if "`" in words else f"`{words}`",
}


def _person_in(signed_id: str) -> str:
    """Return the key in a signed global id, whose signature nobody here can check; or nothing.

    It is base64 of JSON, or of Ruby's own form, perhaps with base64 within.
    """
    content = signed_id.partition("--")[0].encode(errors="ignore")[:2_000]
    for _level in range(3):
        if found := _GLOBAL_ID.search(content):
            return found[1].decode()
        encoded = max(_BASE64.findall(content), key=len, default=b"")
        try:
            padding = b"=" * (-len(encoded.rstrip(b"=")) % 4)
            content = base64.b64decode(encoded.rstrip(b"=") + padding, altchars=b"-_")
        except (binascii.Error, ValueError):
            return ""
    return ""
