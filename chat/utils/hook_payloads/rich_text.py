"""Slack's block `rich_text`: formatted text as a tree of objects."""

from __future__ import annotations

from collections.abc import Callable

from chat.utils.emojis import emoji_from
from chat.utils.hook_payloads.budget import Budget
from chat.utils.hook_payloads.markdown import (
    bold,
    fenced,
    link,
    moment,
    more_parts,
    not_shown,
    paragraphs,
    quoted,
)
from chat.utils.hook_payloads.shapes import Part as Element
from chat.utils.hook_payloads.shapes import listed, string

MOST_ELEMENTS = 500  # in each list of elements
DEEPEST_LIST = 8
_INDENT = "   "  # of a list in a list, for either kind of sign
_SIGNS = (("italic", "_"), ("strike", "~~"))


def written(block: Element, budget: Budget) -> str:
    """Return a `rich_text` block as Markdown."""
    parts: list[str] = []
    is_behind_list = False
    for each, kind in _elements(block):
        write = _KINDS.get(kind)
        text = write(each, budget) if write else not_shown(kind)
        is_list = kind == "rich_text_list"
        if is_list and is_behind_list and text:
            parts[-1] += f"\n{text}"  # lists on several levels come one after the other
        elif text:
            parts.append(text)
        is_behind_list = is_list and bool(parts)
    return paragraphs([*parts, more_parts(_beyond(block))])


def _elements(part: Element) -> list[tuple[Element, str]]:
    found, _more = listed(part.get("elements"), MOST_ELEMENTS)
    return [(each, string(each.get("type"), "element")) for each in found]


def _beyond(part: Element) -> int:
    return listed(part.get("elements"), MOST_ELEMENTS)[1]


def _section(part: Element, budget: Budget) -> str:
    pieces = [_piece(each, kind, budget) for each, kind in _elements(part)]
    shown: list[str] = []
    for number, (text, style) in enumerate(pieces):
        before = shown[-1][-1:] if shown else ""
        after = pieces[number + 1][0][:1] if number + 1 < len(pieces) else ""
        if styled := _styled(text, style, before, after):
            shown.append(styled)
    return "".join(shown).strip("\n") + more_parts(_beyond(part))


def _styled(text: str, style: Element, before: str, after: str) -> str:
    """Return `text` in its style, with its outer spaces outside; within a word there is none."""
    words = text.strip()
    if not words or "\n" in words:
        return text
    start = text.index(words)
    end = start + len(words)
    if (before + text[:start])[-1:].isalnum() or (text[end:] + after)[:1].isalnum():
        return text
    shown = words
    if style.get("code") and "`" not in words:
        shown = f"`{words}`"
    for name, sign in _SIGNS:
        if style.get(name):
            shown = f"{sign}{shown}{sign}"
    if style.get("bold"):
        shown = bold(shown)
    return text[:start] + shown + text[end:]


def _piece(part: Element, kind: str, budget: Budget) -> tuple[str, Element]:
    """Return the text of one element, and its style."""
    style = part.get("style")
    style = style if isinstance(style, dict) else {}
    if kind == "text" and style.get("code"):
        return budget.typed(part.get("text")), style
    if kind in _PIECES:
        return _PIECES[kind](part, budget), style
    return not_shown(kind), style


def _text(part: Element, budget: Budget) -> str:
    return budget.plain(part.get("text"), links=False)


def _link(part: Element, budget: Budget) -> str:
    return link(budget.line(part.get("text")), string(part.get("url")))


def _emoji(part: Element, _budget: Budget) -> str:
    """Return the characters of an emoji's code points; its name if there are none."""
    try:
        codes = [int(each, 16) for each in string(part.get("unicode"))[:200].split("-")]
        sign = emoji_from("".join(chr(code) for code in codes))
    except (ValueError, OverflowError):
        sign = None
    return sign or f":{string(part.get('name'), 'emoji')[:60]}:"


def _named(sign: str, key: str) -> Callable[[Element, Budget], str]:
    return lambda part, budget: sign + budget.line(part.get(key))


def _broadcast(_part: Element, _budget: Budget) -> str:
    return "@room"


def _date(part: Element, budget: Budget) -> str:
    return budget.line(part.get("fallback")) or moment(part.get("timestamp"))


def _list(part: Element, budget: Budget) -> str:
    level = _number(part.get("indent"), DEEPEST_LIST)
    first = _number(part.get("offset"), 100_000) + 1
    is_ordered = part.get("style") == "ordered"
    shown = []
    for number, (each, kind) in enumerate(_elements(part), first):
        sign = f"{number}." if is_ordered else "-"
        write = _KINDS.get(kind, _section)
        text = write(each, budget).replace("\n", f"\n{_INDENT * (level + 1)}")
        shown.append(f"{_INDENT * level}{sign} {text}")
    return "\n".join([*shown, *filter(None, [more_parts(_beyond(part))])])


def _number(value: object, most: int) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return min(max(0, value), most) if is_number and isinstance(value, int) else 0


def _quote(part: Element, budget: Budget) -> str:
    return quoted(_section(part, budget))


def _code(part: Element, budget: Budget) -> str:
    code = "".join(
        budget.typed(each.get("text") or each.get("url")) for each, _kind in _elements(part)
    )
    language = part.get("language")
    named = language if isinstance(language, str) and language.isalnum() else ""
    return fenced(code, named[:20]) if code.strip() else ""


_KINDS: dict[str, Callable[[Element, Budget], str]] = {
    "rich_text_section": _section,
    "rich_text_list": _list,
    "rich_text_quote": _quote,
    "rich_text_preformatted": _code,
}
_PIECES: dict[str, Callable[[Element, Budget], str]] = {
    "text": _text,
    "link": _link,
    "emoji": _emoji,
    "user": _named("@", "user_id"),
    "usergroup": _named("@", "usergroup_id"),
    "team": _named("@", "team_id"),
    "channel": _named("#", "channel_id"),
    "color": _named("", "value"),
    "broadcast": _broadcast,
    "date": _date,
}
