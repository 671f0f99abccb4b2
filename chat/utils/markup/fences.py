"""Fenced code. No text between fences is lost.

The text after the opening fence is code, too, unless it is the name of a language. The closing
fence may be at a line's end, or before more text.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from pygments.lexers import get_all_lexers

from chat.utils.highlighting import LANGUAGES
from chat.utils.markup import patterns
from chat.utils.markup.steps import spend

LINES_A_STEP = 10  # lines that are searched for the end of a fence, for which one step is counted
A_FENCE = 15  # additional steps for a fence

_OPENING = re.compile(r"(`{3,}|~{3,})([^\n]*)")
_INLINE_OPENING = re.compile(r"`{3,}")
_BEGINS_LINE = re.compile(
    r"[ \t>]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)?"
)  # nothing but signs of blocks may come before a fence
# Languages that Pygments does not know, or knows by another name.
_MORE = {
    "plain",
    "plaintext",
    "txt",
    "log",
    "logs",
    "none",
    "mermaid",
    "latex",
    "math",
    "vue",
    "svelte",
    "csv",
    "tsv",
    "env",
    "dotenv",
    "hcl",
    "zig",
    "gitignore",
    "cmd",
    "terminal",
    "stdout",
    "stacktrace",
    "traceback",
}


@cache
def _languages() -> frozenset[str]:
    return frozenset(
        {alias for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases}
        | LANGUAGES
        | _MORE
    )


def fence(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Parse a block of code from its opening to its closing fence, or to the end."""
    start = state.bMarks[start_line] + state.tShift[start_line]
    if state.sCount[start_line] - state.blkIndent > patterns.INDENT:
        return False
    opening = _OPENING.match(state.src, start, state.eMarks[start_line])
    if opening is None or (opening[1][0] == "`" and "`" in opening[2]):
        return False
    if opening[1][0] == "~" and not _is_closed(state, opening, start_line, end_line):
        return False
    if silent:
        return True
    spend(state.env, A_FENCE)
    fence_sign = opening[1]
    first = opening[2]
    language = ""
    if _is_language(first):
        language = first.strip().lower()
        first = ""
    code = _code_below(state, fence_sign, start_line, end_line)
    if first.strip():
        code.lines.insert(0, first + "\n")
    token = state.push("fence", "code", 0)
    token.content = "".join(code.lines)
    token.info = language
    token.markup = fence_sign
    token.map = [start_line, code.end_line]
    state.line = code.end_line
    if code.rest is not None:
        state.line += 1
    if code.rest:
        _go_on_behind(state, code.end_line, len(code.rest))
    return True


class _Code(NamedTuple):
    lines: list[str]
    end_line: int  # the line of the closing fence; without one, the line after the last
    rest: str | None  # the text after the closing fence; None without a closing fence


def _code_below(state: StateBlock, fence_sign: str, start_line: int, end_line: int) -> _Code:
    """Return the code below an opening fence, up to the closing fence or to the end."""
    lines: list[str] = []
    line = start_line + 1
    while line < end_line and not _is_outside(state, line):
        text = state.getLines(line, line + 1, state.sCount[start_line], True)
        parts = _parted(text.rstrip("\n"), fence_sign)
        if parts is not None:
            if parts[0]:
                lines.append(parts[0] + "\n")
            return _Code(lines, line, parts[1])
        lines.append(text)
        line += 1
    return _Code(lines, line, None)


def _is_closed(state: StateBlock, opening: re.Match[str], start_line: int, end_line: int) -> bool:
    """Return whether tildes are a fence: alone or with a language, and closed.

    Tildes may also be an underline.
    """
    if opening[2].strip() and not _is_language(opening[2]):
        return False
    spend(state.env, (end_line - start_line) // LINES_A_STEP)
    lines = (
        state.src[state.bMarks[line] : state.eMarks[line]].strip()
        for line in range(start_line + 1, end_line)
    )
    return any(len(line) >= len(opening[1]) and not line.strip("~") for line in lines)


def _is_language(text: str) -> bool:
    words = text.strip().lower().split()
    return len(words) == 1 and words[0] in _languages()


def _is_outside(state: StateBlock, line: int) -> bool:
    return not state.isEmpty(line) and state.sCount[line] < state.blkIndent


def _parted(line: str, fence_sign: str) -> tuple[str, str] | None:
    """Return a line's text before and after a closing fence; None if it has no closing fence."""
    sign = fence_sign[0]
    stripped = line.strip()
    run = len(stripped) - len(stripped.lstrip(sign))
    if run >= len(fence_sign):
        rest = line.lstrip()[run:]
        if not rest.strip():
            return "", ""
        if sign == "~" or sign in rest or _is_language(rest):
            return None
        return "", rest
    end = len(stripped) - len(stripped.rstrip(sign))
    if sign == "`" and end >= len(fence_sign) and fence_sign not in stripped[:-end]:
        return line.rstrip().rstrip(sign), ""
    return None


def _go_on_behind(state: StateBlock, line: int, characters: int) -> None:
    """Let the parser continue with the last `characters` of a line."""
    state.line = line
    state.bMarks[line] = state.eMarks[line] - characters
    state.tShift[line] = 0
    state.sCount[line] = state.blkIndent


def set_apart(state: StateCore) -> None:
    """Move a fence that opens within a line, and closes in a later line, to lines of its own."""
    if "```" not in state.src or "\n" not in state.src:
        return
    done: list[str] = []
    last = 0
    at = 0
    while opening := _INLINE_OPENING.search(state.src, at):
        line_start = state.src.rfind("\n", 0, opening.start()) + 1
        closing = _closing(state.src, opening)
        if closing is None:
            break
        at = closing.end()
        code = state.src[opening.end() : closing.start()]
        if "\n" in code and not _BEGINS_LINE.fullmatch(state.src, line_start, opening.start()):
            done += [
                state.src[last : opening.start()],
                f"\n{opening[0]}",
                code.rstrip("\n"),
                f"\n{opening[0]}\n",
            ]
            last = at
    state.src = "".join(done) + state.src[last:]


def _closing(text: str, opening: re.Match[str]) -> re.Match[str] | None:
    for closing in _INLINE_OPENING.finditer(text, opening.end()):
        if len(closing[0]) >= len(opening[0]):
            return closing
    return None
