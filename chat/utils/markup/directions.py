"""Text direction: blocks that begin in a right-to-left script are aligned right."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import regex
from markdown_it.token import Token

_RIGHT_TO_LEFT = regex.compile(
    r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_BLOCKS = {"bullet_list_open", "ordered_list_open", "heading_open", "blockquote_open", "table_open"}


def set_directions(tokens: list[Token], text: str) -> None:
    """Add `dir="rtl"` to lists, headings, quotes and tables whose first letter is right-to-left.

    `text`: the whole message. Paragraphs need no `dir`: the stylesheet aligns each by its text.
    """
    if text.isascii() or not _RIGHT_TO_LEFT.search(text):
        return
    for place, token in enumerate(tokens):
        if token.type in _BLOCKS and _runs_left(_inside(tokens, place)):
            token.attrs = {**token.attrs, "dir": "rtl"}


def _inside(tokens: list[Token], place: int) -> Iterable[str]:
    for token in tokens[place + 1 :]:
        if token.level <= tokens[place].level and token.nesting < 0:
            return
        if token.type == "inline":
            yield token.content


def _runs_left(texts: Iterable[str]) -> bool:
    for text in texts:
        for character in text:
            direction = unicodedata.bidirectional(character)
            if direction in ("L", "R", "AL"):
                return direction != "L"
    return False
