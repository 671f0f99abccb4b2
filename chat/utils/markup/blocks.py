"""Blocks: paragraphs, quotes, lists, headings, rules.

CommonMark's own rules parse quotes and lists, but within narrower bounds: a line without the sign
does not belong to the quote or list, and a line that only looks similar remains text.
"""

from __future__ import annotations

import re
from typing import Any

from markdown_it.rules_block import StateBlock, blockquote, list_block
from markdown_it.token import Token

from chat.utils.markup import patterns
from chat.utils.markup.drawings import drawn_lines
from chat.utils.markup.steps import spend

AN_ITEM = 2  # additional steps for a paragraph in a list or quote

_PREFIX = re.compile(r"[ \t>]*\Z")
_ALL_INDENTED = re.compile(r"(?:(?: {4}|\t)[^\n]*|[ \t]*)(?:\n(?:(?: {4}|\t)[^\n]*|[ \t]*))*")


def paragraph(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Parse lines up to a blank line or another block, and keep their indentation."""
    if state.level:
        spend(state.env, AN_ITEM)
    outer_type = state.parentType
    state.parentType = "paragraph"
    terminators = state.md.block.ruler.getRules("paragraph")
    line = start_line + 1
    while line < state.lineMax and not state.isEmpty(line) and not _leaves(state, line):
        if any(rule(state, line, state.lineMax, True) for rule in terminators):
            break
        line += 1
    content = state.getLines(start_line, line, state.blkIndent, False).rstrip("\n")
    state.line = line
    _push_inline(state, "paragraph", "p", content, (start_line, line))
    state.parentType = outer_type
    return True


def _leaves(state: StateBlock, line: int) -> bool:
    """Return whether a line is outside of the list's item.

    Such a line is as far left as the sign of its own list, or the sign of another item.
    """
    column = state.sCount[line]
    signs = state.env.get("columns_of_signs", ())
    if column >= state.blkIndent:
        return False
    return not signs or column <= signs[-1] or _sign_of_item(state, line) is not None


def _sign_of_item(state: StateBlock, line: int) -> re.Match[str] | None:
    start = state.bMarks[line] + state.tShift[line]
    end = state.eMarks[line]
    return patterns.BULLET.match(state.src, start, end) or patterns.NUMBER.match(
        state.src, start, end
    )


def _push_inline(
    state: StateBlock, name: str, tag: str, content: str, lines: tuple[int, int]
) -> Token:
    opening = state.push(f"{name}_open", tag, 1)
    opening.map = list(lines)
    inline = state.push("inline", "", 0)
    inline.content = content
    inline.map = list(lines)
    inline.children = []
    state.push(f"{name}_close", tag, -1)
    return opening


def heading(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Parse `# Title` where a paragraph may begin.

    Within a paragraph, `#` begins a comment of a shell or of YAML.
    """
    match = _match(patterns.HEADING, state, start_line)
    if match is None or state.sCount[start_line] > state.blkIndent:
        return False
    if start_line + 1 < end_line:
        below = _match(patterns.HEADING, state, start_line + 1)
        if below and below[1] == match[1]:
            return False  # the lines are comments
    if silent:
        return True
    level = min(6, len(match[1]) + 2)  # h1 is the room's name on the page
    content = state.src[match.end() : state.eMarks[start_line]].strip()
    state.line = start_line + 1
    _push_inline(state, "heading", f"h{level}", content, (start_line, state.line)).markup = match[1]
    return True


def rule(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Parse `---` without text in the line above or in the line below."""
    match = _match(patterns.RULE, state, start_line)
    if match is None or match.end() < state.eMarks[start_line]:
        return False
    above = start_line - 1
    below = start_line + 1
    if above >= 0 and not state.isEmpty(above):
        return False
    if below < state.lineMax and not state.isEmpty(below):
        return False
    if not silent:
        state.push("hr", "hr", 0)
        state.line = below
    return True


def code(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Parse code without a fence: a message in which all lines are indented by four columns."""
    if start_line or state.level or not state.src.startswith(("    ", "\t")):
        return False
    if _ALL_INDENTED.fullmatch(state.src) is None:
        return False
    state.line = state.lineMax
    state.push("code_block", "code", 0).content = state.getLines(0, state.lineMax, 4, False) + "\n"
    return True


def quote(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Parse lines that begin with `>`, and no line that does not."""
    if silent and state.parentType == "paragraph" and state.sCount[start_line] > state.blkIndent:
        return False  # a redirection or a comparison
    if not _is_quoted(state, start_line) or silent:
        return _is_quoted(state, start_line)
    line = start_line + 1
    while line < end_line and _is_quoted(state, line):
        line += 1
    line_max = state.lineMax
    state.lineMax = line
    found = blockquote(state, start_line, line, silent)
    state.lineMax = line_max
    return found


def _is_quoted(state: StateBlock, line: int) -> bool:
    return line not in drawn_lines(state) and _match(patterns.QUOTE, state, line) is not None


def items(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Parse a list: `-`, `*`, or numbers; a single numbered item must be `1`."""
    if not _begins_list(state, start_line, end_line):
        return False
    if silent:
        return list_block(state, start_line, end_line, silent)
    _set_in_sublists(state, start_line, end_line)
    columns = state.env.setdefault("columns_of_signs", [])
    columns.append(state.sCount[start_line])
    found = list_block(state, start_line, end_line, silent)
    columns.pop()
    return found


def _set_in_sublists(state: StateBlock, start_line: int, end_line: int) -> None:
    """Indent items of another kind, slightly below an item, to the beginning of that item's text.

    Looks only at the lines of this list: otherwise each of many lists would look at all lines.
    """
    outer = state.sCount[start_line]
    item = _sign_of_item(state, start_line)
    assert item is not None
    for line in range(start_line + 1, end_line):
        if state.isEmpty(line):
            continue
        column = state.sCount[line]
        sign = _sign_of_item(state, line)
        is_sibling = sign is not None and _style_of(sign) == _style_of(item)
        if column <= outer and not is_sibling:
            return
        if sign is None or column >= outer + len(item[0]):
            continue
        if is_sibling:
            item = sign
        else:
            state.sCount[line] = outer + len(item[0])


def _style_of(sign: re.Match[str]) -> str:
    """Return the sign that all items of a list have in common: `-`, `*`, `.` or `)`."""
    return sign[0].rstrip()[-1]


def _begins_list(state: StateBlock, line: int, end_line: int) -> bool:
    number = _match(patterns.NUMBER, state, line)
    if number is None and _match(patterns.BULLET, state, line) is None:
        return False
    start = state.bMarks[line] + state.tShift[line]
    before = state.src[state.src.rfind("\n", 0, start) + 1 : start]
    if not _PREFIX.match(before):  # another item's sign comes before, as in `- - a`
        return False
    if line in drawn_lines(state):
        return False
    if number and number["number"] != "1":
        return _is_numbered_on(state, line, end_line, number["sign"])
    return True


def _is_numbered_on(state: StateBlock, line: int, end_line: int, sign: str) -> bool:
    """Return whether another item follows: `5. Stock` alone is no list (German: 5th floor)."""
    indent = state.sCount[line]
    for below in range(line + 1, min(end_line, state.lineMax)):
        if state.isEmpty(below) or state.sCount[below] > indent:
            continue
        number = _match(patterns.NUMBER, state, below)
        return number is not None and number["sign"] == sign
    return False


def _match(pattern: Any, state: StateBlock, line: int) -> Any:
    """Match the beginning of a line's text, unless the line is indented too far."""
    if (
        state.sCount[line] - state.blkIndent > patterns.INDENT
        or state.sCount[line] < state.blkIndent
    ):
        return None
    return pattern.match(state.src, state.bMarks[line] + state.tShift[line], state.eMarks[line])


def number_items(tokens: list[Token]) -> None:
    """Give each item its typed number, where counting would give it another number."""
    expected: list[int] = []
    for token in tokens:
        if token.type == "ordered_list_open":
            expected.append(int(token.attrs.get("start", 1)))
        elif token.type == "bullet_list_open":
            expected.append(0)
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            expected.pop()
        elif token.type == "list_item_open" and token.info:
            number = int(token.info)
            if number != expected[-1]:
                token.attrs = {**token.attrs, "value": number}
            expected[-1] = number + 1
