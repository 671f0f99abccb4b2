"""Emphasis: `*em*`, `_em_`, `**strong**`, `~~struck~~`.

CommonMark takes most signs for markup. Here a sign is markup only where a person would see it as
markup: around words, not inside them, and not beside what paths, globs, pointers and arithmetic
contain. Beside letters of scripts without spaces, and their punctuation, it may always be markup.
docs/text.md has the reasons.
"""

from __future__ import annotations

import re

import regex
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

from chat.utils.characters import (
    ASIAN,
    CLOSING,
    OPENING,
    QUOTE,
    SPACE,
    SPACELESS,
    SYMBOL,
    WORD,
    kind,
)
from chat.utils.markup.steps import spend

SIGNS = "*_~"
A_RUN = 4  # additional steps, because a run makes tokens and searches its counterpart
CHARACTERS_A_STEP = 50  # characters between two signs, for which one step is counted
# `***both***`. More signs in a row are a line, a row of stars, or a redacted password.
MOST_IN_A_ROW = 3
_RUN = re.compile(r"\*+|_+|~+")
# A word, or a text that at least is not part of a face such as `(*´ω`*)`.
_ANYTHING_TO_STRESS = regex.compile(
    r"[\p{L}\p{M}\p{N}]{2}|\p{Nd}|\p{Han}|\p{Emoji_Presentation}|^[A-Za-z]|[A-Za-z]$"
    r"|(?<![^\s\"'(])\p{L}(?![^\s\"').,!?])"
)
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_IDENTIFIER = re.compile(r"[A-Za-z0-9_]+")

# The kinds of characters that may be around an emphasised word, and single signs that may be there.
_BEFORE = {SPACE, SPACELESS, ASIAN, OPENING, QUOTE, SYMBOL}
_AFTER = {SPACE, SPACELESS, ASIAN, CLOSING, QUOTE, SYMBOL}
_FIRST = {WORD, SPACELESS, ASIAN, OPENING, QUOTE, SYMBOL}
_LAST = {WORD, SPACELESS, ASIAN, CLOSING, QUOTE, SYMBOL}
_ALSO_FIRST = "@#$&+-:<\\`!…"
_ALSO_LAST = "+-#$>`"
# `**` is rarely an accident, so more characters may be around it.
_ALSO_BEFORE_TWO = ":,.;!?)]}%-/&+|="
_ALSO_FIRST_OF_TWO = "."
_FIRST_OF_TWO_AFTER_SPACE = "/~%="
_ALSO_AFTER_TWO = "-/&+|=("
_JOINTS = "/&+|-"  # joins two emphasised words, like `*a*/*b*`


def delimiters(state: StateInline, silent: bool) -> bool:
    """Parse a run of signs. A run after a backslash is marked, and becomes no markup."""
    escaped = state.src[state.pos] == "\\"
    start = state.pos + escaped
    run = _RUN.match(state.src, start, state.posMax)
    if silent or run is None:
        return False
    sign = run[0][0]
    length = len(run[0])
    if length > MOST_IN_A_ROW:
        state.pending += state.src[state.pos : run.end()]
        state.pos = run.end()
        return True
    spend(state.env, A_RUN)
    opens, closes = _flanks(state.src[: state.posMax], state.pos, run, _is_behind_link(state))
    escape = None
    if escaped:
        _push(state, "\\")
        escape = len(state.tokens) - 1
    width = 1
    length_of_run = length  # CommonMark's rule of three excludes some pairs by it
    if sign == "~":
        if length % 2:
            _push(state, "~")
        width = 2
        length_of_run = 0
    for at in range(start + length % width, start + length, width):
        _push(state, sign * width).meta = {"at": at, "escape": escape}
        state.delimiters.append(
            Delimiter(
                marker=ord(sign),
                length=length_of_run,
                token=len(state.tokens) - 1,
                end=-1,
                open=opens,
                close=closes,
            )
        )
    state.pos = run.end()
    return True


def _push(state: StateInline, text: str) -> Token:
    token = state.push("text", "", 0)
    token.content = text
    return token


def _is_behind_link(state: StateInline) -> bool:
    return not state.pending and bool(state.tokens) and state.tokens[-1].type == "link_close"


def _flanks(text: str, start: int, run: re.Match[str], behind_link: bool) -> tuple[bool, bool]:
    """Return whether a run of signs may open, and whether it may close.

    `start`: the index of the run, or of the backslash before it.
    """
    before = text[start - 1 : start]
    after = text[run.end() : run.end() + 1]
    outer_before = _beyond_signs(text, start - 1, -1)
    outer_after = _beyond_signs(text, run.end(), 1)
    two = len(run[0]) > 1
    if kind(before) == kind(after) == QUOTE:
        return False, False
    if run[0][0] == "~" and not two:
        return False, False
    last = ")" if behind_link else outer_before
    opens = kind(after) != SPACE and _may_begin(outer_before, outer_after, two)
    closes = kind(before) != SPACE and _may_end(last, outer_after, two)
    sign = run[0][0]
    opens = opens or (_is_joint(text, start - 1, sign, -1) and _may_begin("", outer_after, two))
    closes = closes or (_is_joint(text, run.end(), sign, 1) and _may_end(last, "", two))
    if closes and after in (".", ",", ":") and kind(text[run.end() + 1 : run.end() + 2]) == WORD:
        closes = False  # the start of a file's extension, or the next glob in a list
    if sign == "_":  # in every script, `_` occurs inside names
        opens = opens and kind(outer_before) != SPACELESS
        closes = closes and kind(outer_after) != SPACELESS
    return opens, closes


def _beyond_signs(text: str, at: int, step: int) -> str:
    """Return the first character beyond the signs that may belong together.

    Returns a sign if more signs follow.
    """
    for _ in range(2 * MOST_IN_A_ROW):
        if not 0 <= at < len(text):
            return ""
        if text[at] not in SIGNS:
            break
        at += step
    if not 0 <= at < len(text):
        return ""
    return text[at]


def _is_joint(text: str, at: int, sign: str, step: int) -> bool:
    """Return whether `text[at]` joins this word to another one with the same sign around it."""
    if not 0 < at < len(text) - 1 or text[at] not in _JOINTS or text[at + step] != sign:
        return False
    beyond = at + 2 * step
    return 0 <= beyond < len(text) and kind(text[beyond]) in (WORD, SPACELESS)


def _may_begin(before: str, first: str, two: bool) -> bool:
    if kind(before) == WORD:
        return kind(first) in (SPACELESS, ASIAN)
    outside = kind(before) in _BEFORE or (two and before in _ALSO_BEFORE_TWO)
    inside = kind(first) in _FIRST or first in _ALSO_FIRST or (two and first in _ALSO_FIRST_OF_TWO)
    if two and kind(before) == SPACE and first in _FIRST_OF_TWO_AFTER_SPACE:
        inside = True
    return outside and inside


def _may_end(last: str, after: str, two: bool) -> bool:
    if kind(after) == WORD:
        return kind(last) in (SPACELESS, ASIAN)
    inside = kind(last) in _LAST or last in _ALSO_LAST
    return inside and (kind(after) in _AFTER or (two and after in _ALSO_AFTER_TWO))


def undo(state: StateInline) -> None:
    """Undo pairs that are not markup: escaped pairs, and pairs around nothing or around a name.

    Runs after the pairing of the signs and before tags are made from the pairs.
    """
    _undo(state, state.delimiters)
    for meta in state.tokens_meta:
        if meta and "delimiters" in meta:
            _undo(state, meta["delimiters"])


def _undo(state: StateInline, found: list[Delimiter]) -> None:
    for opener in found:
        if opener.end < 0:
            continue
        spend(state.env, _characters_between(state, opener, found[opener.end]) // CHARACTERS_A_STEP)
        metas = [state.tokens[each.token].meta for each in (opener, found[opener.end])]
        escapes = [meta["escape"] for meta in metas if meta["escape"] is not None]
        if escapes:
            for place in escapes:
                state.tokens[place].content = ""
        if escapes or _is_no_markup(state.src, chr(opener.marker), metas[0]["at"], metas[1]["at"]):
            opener.end = -1


def _characters_between(state: StateInline, opener: Delimiter, closer: Delimiter) -> int:
    """Return the number of characters in a pair; nested pairs each look at all of theirs."""
    start: int = state.tokens[opener.token].meta["at"]
    end: int = state.tokens[closer.token].meta["at"]
    return end - start


def _is_no_markup(text: str, sign: str, start: int, end: int) -> bool:
    run_start = start
    while text[start] == sign:
        start += 1
    single = text[start - 2 : start] != sign * 2 and text[end + 1 : end + 2] != sign
    inside = text[start:end].rstrip(sign)
    if not _ANYTHING_TO_STRESS.search(inside) or not _is_balanced(inside):
        return True  # the text is a face, or source code
    if single and "\n" in inside:
        return True
    around = text[run_start - 1 : run_start]
    if around and around in "\"'" and around in inside and text[end + 1 : end + 2] == around:
        return True  # the signs are parts of quoted names: `"_a": 1, "b_"`
    if sign != "_" or not _IDENTIFIER.fullmatch(inside):
        return False
    return "_" in inside or not single  # single signs are parts of a name: `_a_name_`, `__init__`


def _is_balanced(text: str) -> bool:
    open_brackets: list[str] = []
    for character in text:
        if character in "([{":
            open_brackets.append(character)
        elif character in _BRACKETS and (
            not open_brackets or open_brackets.pop() != _BRACKETS[character]
        ):
            return False
    return not open_brackets
