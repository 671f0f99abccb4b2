"""What a page says: its texts, and the attributes that people read or hear."""

from __future__ import annotations

import re
from html.parser import HTMLParser

SPOKEN = {"title", "aria-label", "placeholder", "alt", "aria-description"}
SILENT = {"script", "style", "code", "kbd", "time"}
VOID = {"input", "meta", "link", "img", "br", "hr", "use"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: set[str] = set()
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in SPOKEN:
                self._hear(value or "")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not SILENT.intersection(self._open):
            self._hear(data)

    def _hear(self, text: str) -> None:
        plain = " ".join(text.split())
        if re.search(r"[^\W\d_]{2}", plain) and not plain.startswith(("{", "[")):
            self.said.add(plain)


def texts_of(page: str) -> set[str]:
    """Return the texts of an HTML page with words in them, templates included."""
    reader = _Reader()
    reader.feed(page)
    return reader.said
