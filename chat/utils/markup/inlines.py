"""Inline markup: line breaks, links, `@name`, `:emoji:`, addresses."""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline, autolink, backtick
from markdown_it.rules_inline import link as commonmark_link

from chat.utils.characters import is_in_word
from chat.utils.emojis import SKIN_TONE, emoji_from, toned
from chat.utils.markup import links
from chat.utils.markup.steps import spend
from chat.utils.mention_syntax import named_at

# The positions where a rule may begin: a sign, and the context that the rule needs. The pattern
# begins with the character class: searching for one character takes a tenth of the time of trying
# each position.
_SIGNS = (
    r"(?:(?<=[\n`])|(?<=\*)(?:(?![A-Za-z0-9])|(?<![A-Za-z0-9]\*))|(?<=_)(?:(?![^\W_])|(?<![^\W_]_))"
    r"|(?<=:)(?=//|[\w+-]{1,60}:)|(?<=~)(?=~)|(?<=<)(?=[A-Za-z])|(?<=[@＠])(?=\w)"
    r"|(?<=\\)(?=[\\*_~`\[\]!<:@＠#>.)-])"
)
_ANY_SIGN = re.compile(rf"[\n`*_:~<@＠\\]{_SIGNS})")
# The same with brackets, which only a link needs: finding the end of its label scans the whole
# text.
_ANY_SIGN_OR_LABEL = re.compile(rf"[\n`*_:~<@＠\\\[\]!]{_SIGNS}|(?<=[\[\]])|(?<=!)(?=\[))")
_LINK = "]("

# Additional steps of the rules
A_LABEL = 5
AN_ADDRESS = 3
NOTHING = 3
CHARACTERS_A_STEP = 50  # characters of an address, for which one step is counted

_EMOJI = re.compile(r":[\w+-]{1,60}:")
_BEFORE_ADDRESS = re.compile(r"\(\s*")
_SCHEME = re.compile(r"(?<![A-Za-z0-9.+-])https?\Z", re.IGNORECASE)


def has_signs(content: str) -> bool:
    """Return whether a rule may begin somewhere in a text."""
    return _LINK in content or _ANY_SIGN.search(content) is not None


def text(state: StateInline, silent: bool) -> bool:
    """Parse text up to the next position where a rule may begin."""
    if state.env.get("line") is not state.src:
        state.env["line"] = state.src
        state.env["sign"] = _ANY_SIGN_OR_LABEL if _LINK in state.src else _ANY_SIGN
    sign = state.env["sign"].search(state.src, state.pos, state.posMax)
    end = sign.start() if sign else state.posMax
    if end == state.pos:
        return False
    if not silent:
        state.append_pending(state.src[state.pos : end])
    state.pos = end
    return True


def code(state: StateInline, silent: bool) -> bool:
    """Parse `code`, and keep its line breaks."""
    start = state.pos
    tokens = len(state.tokens)
    if not backtick(state, silent):
        return False
    if len(state.tokens) == tokens:
        spend(state.env, NOTHING)
    elif state.tokens[-1].type == "code_inline":
        token = state.tokens[-1]
        content = state.src[start + len(token.markup) : state.pos - len(token.markup)]
        padded = content.startswith(" ") and content.endswith(" ") and content.strip(" ")
        token.content = content[1:-1] if padded else content
    return True


def newline(state: StateInline, silent: bool) -> bool:
    """Break the line, and keep the spaces around the break as they were typed."""
    if state.src[state.pos] != "\n":
        return False
    if not silent:
        state.push("softbreak", "br", 0)
    state.pos += 1
    return True


def link(state: StateInline, silent: bool) -> bool:
    """Parse `[text](address)` with a text and a valid address."""
    if state.src[state.pos] != "[":
        return False
    end = state.md.helpers.parseLinkLabel(state, state.pos, True)
    spend(state.env, A_LABEL + max(0, end - state.pos) // CHARACTERS_A_STEP)
    opening = _BEFORE_ADDRESS.match(state.src, end + 1, state.posMax) if end >= 0 else None
    if opening is None or not state.src[state.pos + 1 : end].strip():
        return False
    found = state.md.helpers.parseLinkDestination(state.src, opening.end(), state.posMax)
    if not found.ok or not state.md.validateLink(found.str):
        return False
    return commonmark_link(state, silent)


def picture(state: StateInline, silent: bool) -> bool:
    """Parse `![a boat](https://…)` as a link.

    Only uploaded pictures are shown, so that no other server learns who reads a message.
    """
    if not state.src.startswith("![", state.pos, state.posMax):
        return False
    start = state.pos
    state.pos += 1
    if link(state, silent):
        return True
    state.pos = start
    return False


def address(state: StateInline, silent: bool) -> bool:
    """Parse `https://…` from its colon on, before any part of it becomes markup."""
    if not state.src.startswith("://", state.pos, state.posMax) or state.linkLevel:
        return False
    scheme = _SCHEME.search(state.src, max(0, state.pos - 6), state.pos)
    if scheme is None:
        return False
    end, seen = links.end_of_address(state.src, scheme.start(), state.pos + 3, state.posMax)
    spend(state.env, AN_ADDRESS + (seen - state.pos) // CHARACTERS_A_STEP)
    href = links.normal(state.src[scheme.start() : end]) if end else ""
    if not state.md.validateLink(href):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[0])]
        links.push(state, href, state.src[scheme.start() : end])
    state.pos = end
    return True


def bracketed(state: StateInline, silent: bool) -> bool:
    """Parse `<https://…>`, but not `<https://…|label>`, the form of some other chats."""
    if state.src[state.pos] != "<":
        return False
    spend(state.env, NOTHING)
    end = state.src.find(">", state.pos, state.posMax)
    return "|" not in state.src[state.pos : end] and autolink(state, silent)


def mention(state: StateInline, silent: bool) -> bool:
    """Parse `@name` outside of links, if somebody has the name."""
    if state.src[state.pos] not in "@＠" or state.linkLevel or not state.env["marks"]:
        return False
    found = named_at(state.src, state.pos, state.env["names"])
    if found is None:
        return False
    if not silent:
        state.env["marks"] -= 1
        token = state.push("mention", "", 0)
        token.content = state.src[state.pos : found.end]
        token.meta = {"meant": found.meant}
    state.pos = found.end
    return True


def emoji(state: StateInline, silent: bool) -> bool:
    """Parse `:name:` of an emoji, unless a letter, digit or colon joins it to other text."""
    if state.src[state.pos] != ":":
        return False
    spend(state.env, NOTHING)
    found = _emoji_at(state.src, state.pos)
    if found is None or _is_joined(state, found[1]):
        return False
    sign, end = found
    if tone := SKIN_TONE.match(state.src, end):
        sign = toned(sign, tone)
        end = tone.end()
    if not silent:
        state.pending += sign
    state.env["behind"] = (id(state), end)
    state.pos = end
    return True


def _is_joined(state: StateInline, end: int) -> bool:
    """Return whether a character beside a name, which ends at `end`, joins it to other text."""
    before = state.src[state.pos - 1 : state.pos]
    after = state.src[end : end + 1]
    if is_in_word(before) or is_in_word(after):
        return True
    if before == ":" and state.env.get("behind") != (id(state), state.pos):
        return True  # the colon does not end another emoji's name
    names_on = _emoji_at(state.src, end) or SKIN_TONE.match(state.src, end)
    return after == ":" and not names_on


def _emoji_at(text: str, start: int) -> tuple[str, int] | None:
    match = _EMOJI.match(text, start)
    found = emoji_from(match[0]) if match else None
    return (found, match.end()) if match and found else None
