"""Patterns of the lines that begin a block, and the types of the parser's rules."""

from __future__ import annotations

import re
from collections.abc import Callable

import regex
from markdown_it.rules_inline import StateInline

InlineRule = Callable[[StateInline, bool], bool]

INDENT = 3  # columns before a sign that begins a block; a sign further right is text

HEADING = re.compile(r"(#{1,6})[ \t]+(?=\S)")
RULE = re.compile(r"(?:-{3,}|\*{3}|_{3})[ \t]*")
FENCE = re.compile(r"`{3,}|~{3,}")
# `>` begins a quote only before a space, the line's end, or the usual beginning of a text: not in
# `>5`, `>=`, `>_<`, `>:(` or the prompt `>>>`.
QUOTE = regex.compile(
    r">{1,2}(?:[ \t]|$|(?=[[\p{L}@#*`\"'…!¿¡‚„—\p{Ps}\p{Pi}\p{Extended_Pictographic}]--\d]"
    r"|_\p{L}|~~|:[\w+-]+:|-[ \t]|[0-9]+[.)][ \t]))",
    regex.MULTILINE | regex.V1,
)
# An item's sign has text after it, at most three spaces away. The text is not another sign, as in
# `* * * * *` and in `1. 12. 2026`.
_ITEM = (
    r"[ \t]{1,3}(?![ \t])(?=[^\n]*(?:[^\W_]|[^\x00-\x7f]|`{3}))"
    r"(?!(?:[-*+]|[0-9]{1,9}[.)])(?:[ \t]|$))"
)
BULLET = re.compile(rf"[-*]{_ITEM}", re.MULTILINE)
NUMBER = re.compile(rf"(?P<number>0|[1-9][0-9]{{0,8}})(?P<sign>[.)]){_ITEM}", re.MULTILINE)
BEHIND_NUMBER = re.compile(rf"[.)]{_ITEM}", re.MULTILINE)
