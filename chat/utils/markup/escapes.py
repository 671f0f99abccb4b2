"""Backslashes: remove one only if markup would begin without it, for most are in Windows paths."""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline

from chat.utils.markup import patterns
from chat.utils.markup.inlines import bracketed, emoji, link, mention, picture
from chat.utils.markup.steps import spend

_RULES = {"[": link, "!": picture, "<": bracketed, ":": emoji, "@": mention, "＠": mention}
AN_ESCAPE = 4  # additional steps, because the rule asks other rules

_BACKTICKS = re.compile(r"`+")
_ESCAPED_END = re.compile(r"\\(`+)\Z")
_NUMBER = re.compile(r"[0-9]{1,9}")


def escape(state: StateInline, silent: bool) -> bool:
    """Show the sign after a backslash, without the backslash, where the sign would be markup."""
    if state.src[state.pos] != "\\" or state.pos + 1 >= state.posMax:
        return False
    sign = state.src[state.pos + 1]
    if silent:
        if sign not in "[]":  # the label of a link continues after an escaped bracket
            return False
        state.pos += 2
        return True
    spend(state.env, AN_ESCAPE)
    end = _end_of_escaped(state, sign)
    if end is None:
        return False
    shown = state.src[state.pos + 1 : end]
    if closing := _ESCAPED_END.search(shown):
        shown = shown[: closing.start()] + closing[1]
    state.pending += shown
    state.pos = end
    return True


def _end_of_escaped(state: StateInline, sign: str) -> int | None:
    """Return the end of the text that the backslash keeps from being markup; None if none."""
    if _begins_block(state):
        return state.pos + 2
    if sign == "`":
        return _end_of_code(state)
    if not _is_markup(state, sign):
        return None
    return state.pos + 2


def _is_markup(state: StateInline, sign: str) -> bool:
    """Return whether the sign after the backslash would otherwise be markup."""
    if sign == "]":
        return state.linkLevel > 0
    rule = _RULES.get(sign)
    if rule is None:
        return False
    start = state.pos
    state.pos += 1
    found = rule(state, True)
    state.pos = start
    return found


def _end_of_code(state: StateInline) -> int | None:
    """Return the end of the opening backticks, or of all the code if its end is escaped, too."""
    start = state.pos + 1
    opening = _BACKTICKS.match(state.src, start)
    assert opening is not None
    for closing in _BACKTICKS.finditer(state.src, opening.end(), state.posMax):
        if len(closing[0]) == len(opening[0]):
            if state.src[closing.start() - 1] == "\\":
                return closing.end()
            return opening.end()
    return None


def _begins_block(state: StateInline) -> bool:
    """Return whether the rest of this line would begin a block without the backslash.

    Such a block is a heading, a list, a quote, a fence or a rule.
    """
    line_start = state.src.rfind("\n", 0, state.pos) + 1
    line_end = state.src.find("\n", state.pos)
    before = state.src[line_start : state.pos].strip()
    rest = state.src[state.pos + 1 : line_end if line_end >= 0 else len(state.src)]
    if _NUMBER.fullmatch(before):
        return patterns.BEHIND_NUMBER.match(rest) is not None
    if before:
        return False
    only = line_start == 0 and line_end < 0
    starts = (
        patterns.BULLET.match(rest)
        or patterns.QUOTE.match(rest)
        or patterns.FENCE.match(rest)
        or (line_start == 0 and patterns.HEADING.match(rest))
        or (only and patterns.RULE.fullmatch(rest))
    )
    return bool(starts)
