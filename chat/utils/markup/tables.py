"""Tables of pipes, with the columns of the longest row; a pipe in code separates no cells."""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock

from chat.utils.markup import patterns
from chat.utils.markup.steps import spend

_DELIMITERS = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_PIECE = re.compile(r"`+|\\\||\|")
# The alignment by two facts: whether the dashes begin with a colon, and whether they end with one.
_ALIGNMENTS = {
    (False, False): "",
    (True, False): "align-left",
    (False, True): "align-right",
    (True, True): "align-center",
}


def table(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Parse a row of headings, a row of dashes, and the rows with pipes below."""
    if start_line + 1 >= end_line or "|" not in _line(state, start_line):
        return False
    dashes = _line(state, start_line + 1).strip()
    if _is_deep(state, start_line + 1) or not _DELIMITERS.fullmatch(dashes) or dashes in ("-", "|"):
        return False
    heads = _cells(_line(state, start_line))
    aligned = [_ALIGNMENTS[cell.startswith(":"), cell.endswith(":")] for cell in _cells(dashes)]
    if len(heads) != len(aligned):
        return False
    if silent:
        return True
    rows = []
    line = start_line + 2
    while line < end_line and "|" in _line(state, line) and not _is_deep(state, line):
        if any(
            rule(state, line, end_line, True)
            for rule in state.md.block.ruler.getRules("blockquote")
        ):
            break
        rows.append(_cells(_line(state, line)))
        line += 1
    columns = max(map(len, (heads, *rows)))
    state.env["steps"].reached = state.bMarks[line]
    spend(state.env, columns * (len(rows) + 1))
    state.push("table_open", "table", 1).map = [start_line, line]
    state.push("thead_open", "thead", 1)
    _push_row(state, "th", heads, columns, aligned)
    state.push("thead_close", "thead", -1)
    if rows:
        state.push("tbody_open", "tbody", 1)
        for row in rows:
            _push_row(state, "td", row, columns, aligned)
        state.push("tbody_close", "tbody", -1)
    state.push("table_close", "table", -1)
    state.line = line
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _is_deep(state: StateBlock, line: int) -> bool:
    return not 0 <= state.sCount[line] - state.blkIndent <= patterns.INDENT


def _cells(row: str) -> list[str]:
    r"""Return the cells of a row. `\|` is a pipe."""
    row = row.strip()
    cells: list[str] = []
    start = int(row.startswith("|"))
    code = ""
    for piece in _PIECE.finditer(row, start):
        if piece[0][0] == "`":
            if not code and piece[0] in row[piece.end() :]:
                code = piece[0]
            elif code == piece[0]:
                code = ""
        elif piece[0] == "|" and not code:
            cells.append(row[start : piece.start()])
            start = piece.end()
    if start < len(row):
        cells.append(row[start:])
    return [cell.strip().replace("\\|", "|") for cell in cells]


def _push_row(
    state: StateBlock, tag: str, cells: list[str], columns: int, aligned: list[str]
) -> None:
    state.push("tr_open", "tr", 1)
    padding = [""] * (columns - len(cells))
    for column, content in enumerate((*cells, *padding)):
        opening = state.push(f"{tag}_open", tag, 1)
        if column < len(aligned) and aligned[column]:
            opening.attrs = {"class": aligned[column]}
        inline = state.push("inline", "", 0)
        inline.content = content
        inline.children = []
        state.push(f"{tag}_close", tag, -1)
    state.push("tr_close", "tr", -1)
