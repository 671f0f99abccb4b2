"""Slack's markup ("mrkdwn"), rewritten as the Markdown of docs/text.md.

Code and addresses are set aside first, so that no sign within them counts. Every pattern reads a
text once: between two signs of a pair there is no third one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from chat.utils.hook_payloads.markdown import can_be_stressed, link, moment, quoted

Write = Callable[[str], str]

_ASIDE = "\ufdd0"  # in place of what is set aside; no text may contain this code point
_FENCE = r"(?P<fence>```.*?(?:```|\Z))"
_CODE = r"(?P<code>`[^`\n]+`)"
_ANGLE = r"<(?P<angle>[@#!A-Za-z][^<>]{1,4000})>"
_ADDRESS = r"""(?P<address>https?://[^\s<>|`]*[^\s<>|`*_~.,;:!?'")\]])"""
_PARTS = re.compile(f"{_FENCE}|{_CODE}|{_ANGLE}|{_ADDRESS}", re.DOTALL)
_LINKS = re.compile(f"{_ANGLE}|{_ADDRESS}", re.DOTALL)
_ADDRESSES = re.compile(_ADDRESS)
# One sign on each side, next to no letter and no digit, as Slack has it, and to nothing that paths
# and formulas have; `**x**` is Markdown.
_BOLD = re.compile(r"(?<![^\W_])(?<![\\/=.*])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![^\W_])(?![/=*])")
_STRUCK = re.compile(r"(?<![^\W_])(?<![\\/=.~])~(?=[^\s~/])([^~\n]*[^\s~])~(?![^\W_])(?![/=~])")
_ENTITY = re.compile(r"&(amp|lt|gt);")
_SIGN = {"amp": "&", "lt": "<", "gt": ">"}
_QUOTE = re.compile(r"^>(?=[^\s>=_:])", re.MULTILINE)
_QUOTE_TO_THE_END = re.compile(r"^>>>[ \t]*", re.MULTILINE)
# What the chat would take for markup: a pair of signs around words.
_PAIR = re.compile(
    r"(?<![\w\\*_~`/=])(\*{1,3}|_{1,3}|~~|`+)(?=[^\s*_~`])([^\n]{0,200}?[^\s*_~`])\1(?![\w*_~`/])"
)
_NAME = re.compile(r"[A-Za-z0-9_]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:(?=\S)")
_LANGUAGE = re.compile(r"[\w+#.-]{0,30}")
_EVERYBODY = ("!here", "!channel", "!everyone")


def converted(text: str) -> str:
    """Return a text in Slack's markup as Markdown. Markdown that is no Slack markup stays."""
    text, aside = _set_aside(text, _PARTS, _emphasised)
    text = _QUOTE.sub("> ", decoded(_emphasised(text)))
    everything_below = _QUOTE_TO_THE_END.search(text)
    if everything_below is None:
        return _put_back(text, aside)
    above = _put_back(text[: everything_below.start()], aside)
    return above + quoted(_put_back(text[everything_below.end() :], aside))


def literal(text: str, *, links: bool = True) -> str:
    """Return a text without markup so that the chat shows its signs; `links`: Slack's become ours.

    A backslash stands only where a pair of signs would be markup: elsewhere the chat shows it.
    """
    text, aside = _set_aside(text, _LINKS if links else _ADDRESSES, escaped)
    return _put_back(escaped(decoded(text)), aside)


def escaped(text: str) -> str:
    """Return `text` with a backslash before each pair of signs that would be markup."""

    def escape(found: re.Match[str]) -> str:
        sign, inside = found[1], found[2]
        is_name = sign[0] == "_" and _NAME.fullmatch(inside) and ("_" in inside or len(sign) > 1)
        if sign[0] == "`":
            return f"\\{sign}{inside}\\{sign}"  # otherwise its end would begin code
        return found[0] if is_name else f"\\{found[0]}"

    return _PAIR.sub(escape, text)


def decoded(text: str) -> str:
    """Return `text` with the three characters that Slack wants encoded."""
    return _ENTITY.sub(lambda found: _SIGN[found[1]], text)


def _emphasised(text: str) -> str:
    text = _BOLD.sub(lambda found: _stressed(found, "**"), text)
    return _STRUCK.sub(lambda found: _stressed(found, "~~"), text)


def _set_aside(text: str, parts: re.Pattern[str], write: Write) -> tuple[str, list[str]]:
    """Return `text` with signs in place of its parts, and these; `write` writes their labels."""
    aside: list[str] = []

    def put(found: re.Match[str]) -> str:
        aside.append(_part(found, write))
        return _ASIDE

    return parts.sub(put, text.replace(_ASIDE, "")), aside


def _put_back(text: str, aside: list[str]) -> str:
    """Replace each sign by the first of `aside`, which loses it."""
    first, *others = text.split(_ASIDE)
    here = aside[: len(others)]
    del aside[: len(others)]
    return first + "".join(part + after for part, after in zip(here, others, strict=True))


def _part(found: re.Match[str], write: Write) -> str:
    kind = found.lastgroup
    if kind == "fence":
        return _fence(decoded(found[0]))
    return _angle(found["angle"], write) if kind == "angle" else decoded(found[0])


def _stressed(found: re.Match[str], sign: str) -> str:
    inside = found[1]
    return f"{sign}{inside}{sign}" if can_be_stressed(inside) else found[0]


def _fence(code: str) -> str:
    """Return code between fences that the chat sees: on lines of their own, and closed."""
    inside = code[3:]
    is_closed = inside.endswith("```")
    inside = inside.removesuffix("```")
    if "\n" not in inside and is_closed:
        return code
    first = inside.partition("\n")[0]
    opening = "```" if _LANGUAGE.fullmatch(first.strip()) else "```\n"
    ending = "" if inside.endswith("\n") else "\n"
    return f"{opening}{inside}{ending}```"


def _angle(inside: str, write: Write) -> str:
    """Return what Slack writes between `<` and `>`; as typed if it is none of Slack's."""
    target, _bar, label = inside.partition("|")
    label = " ".join(decoded(label).split())
    if target[0] in _NAMED:
        return _NAMED[target[0]](target, label) or decoded(f"<{inside}>")
    if _SCHEME.match(target) is None:
        return decoded(f"<{inside}>")
    return link(write(label), decoded(target))


def _person(target: str, label: str) -> str:
    return "@" + (label or target[1:]).removeprefix("@")


def _room(target: str, label: str) -> str:
    return "#" + (label or target[1:]).removeprefix("#")


def _command(target: str, label: str) -> str:
    """Return `@room`, a date or a group; the label of what is unknown, empty without one."""
    name, _caret, rest = target.partition("^")
    if name in _EVERYBODY:
        return "@room"
    if name == "!subteam":
        return _person(f"@{rest}", label)
    if name != "!date":
        return label
    seconds, _caret, form = rest.partition("^")
    address = form.partition("^")[2]
    words = label or moment(seconds)
    return link(words, decoded(address)) if address else words


_NAMED: dict[str, Callable[[str, str], str]] = {"@": _person, "#": _room, "!": _command}
