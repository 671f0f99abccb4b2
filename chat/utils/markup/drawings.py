"""Lines whose signs are content although they look like lists or quotes: diffs and drawings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it.rules_block import StateBlock

BLANK_LINES = re.compile(r"\n[ \t]*\n")
# Runs of lines, up to the next blank line, whose signs are content: lines of a diff, a graph of
# commits, a comment of C, a box of stars, a failed assertion, YAML.
DRAWINGS = tuple(
    tuple(re.compile(pattern, re.MULTILINE) for pattern in patterns_of_one)
    for patterns_of_one in (
        (r"^[ \t>]{0,6}-[ \t]", r"^[ \t>]{0,6}\+[ \t]"),
        (r"^\* ", r"^\|[ |]*[\\/*]"),
        (r"^[ \t]*/\*", r"^[ \t]+\*"),
        (r"^\*{4,}[ \t]*$", r"^\*.*\*[ \t]*$"),
        (r"^>[ \t]{2,}\S", r"^E[ \t]{2,}\S"),
        (r"^[\w.-]+:[ \t]*$", r"^[ \t]+[\w.-]+:(?:[ \t]+\S|[ \t]*$)"),
    )
)
# The beginning of a diff, which lasts until the end of the text.
DIFF = re.compile(
    r"^(?:@@ -|diff --git |--- [^\n]*\n\+\+\+ |[0-9]+(?:,[0-9]+)?[acd][0-9]+(?:,[0-9]+)?$)",
    re.MULTILINE,
)


def drawn_lines(state: StateBlock) -> set[int]:
    """Return the lines of the message that belong to a diff or to a graph."""
    if "drawn_lines" not in state.env:
        state.env["drawn_lines"] = set(_find(state.src))
    lines: set[int] = state.env["drawn_lines"]
    return lines


def _find(text: str) -> Iterator[int]:
    diff = DIFF.search(text)
    if diff:
        yield from range(text.count("\n", 0, diff.start()), text.count("\n") + 1)
    line = 0
    for run in BLANK_LINES.split(text):
        lines = run.count("\n") + 1
        if any(all(part.search(run) for part in parts) for parts in DRAWINGS):
            yield from range(line, line + lines)
        line += lines + 1
