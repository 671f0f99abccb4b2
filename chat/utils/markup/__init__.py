"""Markup: turn the text that people wrote into HTML that is safe to show.

Three layers of defence: the parser knows no HTML, so `<` is always text; a cleaner lets only listed
HTML pass; and the pages' Content-Security-Policy runs no foreign scripts. A text that would take
too long to render, or would become much larger, is shown as typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import nh3

from chat.utils.highlighting import CLASSES
from chat.utils.markup import links
from chat.utils.markup.dialect import make_parser
from chat.utils.markup.steps import Steps, TooMuch
from chat.utils.mention_syntax import (
    MARK_CHARACTERS,
    MOST_MARKS,
    NAME,
    ROOM,
    mark,
    named_at,
    names_in,
)
from chat.utils.text import OVERRIDES

__all__ = ["MOST_STEPS", "RENDERER", "ROOM", "Rendered", "names_in", "plain", "render"]

# The version of these rules. Increment it with every change of the resulting HTML, so that stored
# HTML is rendered again.
RENDERER = 9
MOST_LINES = 1_000  # in a text without a fence: more lines are probably a column of figures
# The longest HTML, in characters: this multiple of the text's length, plus an additional amount.
MOST_TIMES = 8
MOST_MORE = 2_048
# steps of the parser, about 3 µs each: documentation of 8,000 characters takes 600
MOST_STEPS = 3_000
HIGHLIGHTED = 2_000  # characters of highlighted code in a text, about 1 µs each

_ANYTHING_SHOWN = re.compile(r">[^<]*[^<\s]|<(?:hr|input)")
_ADDRESS = re.compile(r"\w@\w|://|www\.", re.IGNORECASE)
# Characters of HTML, at least, besides those of the text
_A_LINK = 71
_A_TASK = 115
# A line that begins with a letter and has no character that concerns a rule of the parser or of the
# cleaner.
_QUIET = r"[^\x00-\x1f\x7f\xa0\u2028-\u202e\\`*_~\[\]<>&@＠|:]*"
_PLAIN = re.compile(rf"[^\W\d_]{_QUIET}(?::(?= |$){_QUIET})*")


@dataclass(frozen=True)
class Rendered:
    """A rendered text.

    `named`: the mentioned `names`, except in code and links. `is_plain`: the text has no
    markup, so that `plain` returns the same HTML.
    """

    html: str
    named: frozenset[str]
    is_plain: bool = False


def render(body: str, names: Mapping[str, str] | None = None) -> Rendered:
    """Return `body` as HTML: at most MOST_TIMES its length, and MOST_MORE characters more.

    `names`: by folded name a person's id, or ROOM; no other `@name` is a mention.
    """
    # Most messages have no markup, and the parser would cost more than all other work on them.
    if html := plain(body):
        return Rendered(html, frozenset(), is_plain=True)
    rendered = _parsed(body, names or {}, HIGHLIGHTED)
    longest = _longest_html(body)
    if rendered and len(rendered.html) > longest and "```" in body:
        rendered = _parsed(body, names or {}, 0)  # without highlighting
    if rendered is None or len(rendered.html) > longest:
        return _as_typed(body, names or {})
    return rendered


def plain(body: str) -> str | None:
    """Return the HTML of a text without markup; None if the text may have some."""
    if _PLAIN.fullmatch(body) is None or body[-1].isspace() or links.has_bare(body):
        return None
    return f"<p>{body}</p>"


def _parsed(body: str, names: Mapping[str, str], highlighted: int) -> Rendered | None:
    """Return the rendered text; None if it takes too long, or if nothing visible results."""
    env: dict[str, Any] = {
        "names": names,
        "named": set(),
        "marks": MOST_MARKS,
        "steps": Steps(MOST_STEPS - _foreseen(body)),
        "highlighted": highlighted,
    }
    if env["steps"].left < 0 or _makes_too_much_html(body):
        return None
    try:
        html = _cleaner.clean(_parser.render(body, env)).rstrip()
    except TooMuch:
        return None
    if not html.isascii():
        html = html.translate(OVERRIDES)
    if _ANYTHING_SHOWN.search(html) is None:
        return None  # a lone `#` or `-` is shown as typed
    return Rendered(html, frozenset(env["named"]))


def _longest_html(body: str) -> int:
    return MOST_TIMES * len(body) + MOST_MORE


def _foreseen(body: str) -> int:
    """Return the parser's steps for lines and bare addresses, which no rule counts itself."""
    if "```" not in body and body.count("\n") > MOST_LINES:
        return MOST_STEPS + 1
    return body.count("\n") // 3 + 2 * body.count("www.") + body.count("@") // 2


def _makes_too_much_html(body: str) -> bool:
    """Return whether the links and tasks of a text make too much HTML, without parsing it.

    Few texts have so many signs of an address that the addresses must be counted.
    """
    tasks = body.count("- [ ] ") + body.count("- [x] ")
    left = _longest_html(body) - len(body) - _A_TASK * tasks
    signs = body.count("://") + body.count("@") + body.casefold().count("www.")
    return _A_LINK * signs > left and _A_LINK * len(_ADDRESS.findall(body)) > left


def _as_typed(body: str, names: Mapping[str, str]) -> Rendered:
    """Return a text without markup, at most MOST_TIMES as long, with the mentions that fit."""
    html = _paragraphs(body.translate(OVERRIDES))
    named = set[str]()
    left = min(MOST_MARKS, (_longest_html(body) - len(html)) // MARK_CHARACTERS)

    def show(match: re.Match[str]) -> str:
        nonlocal left
        found = named_at(html, match.start(), names) if left > 0 else None
        if found is None:
            return match[0]
        named.add(found.meant)
        left -= 1
        return mark(html[match.start() : found.end], found.meant) + html[found.end : match.end()]

    return Rendered(NAME.sub(show, html) if names else html, frozenset(named))


def _paragraphs(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    paragraphs = (paragraph.strip("\n") for paragraph in text.split("\n\n"))
    return "".join(
        f"<p>{paragraph.replace(chr(10), '<br>')}</p>" for paragraph in paragraphs if paragraph
    )


# One parser and one cleaner for the process, because creating them takes longer than using them.
_parser = make_parser()
_cleaner = nh3.Cleaner(
    tags={
        "p",
        "br",
        "strong",
        "em",
        "s",
        "code",
        "pre",
        "blockquote",
        "ul",
        "ol",
        "li",
        "hr",
        "a",
        "span",
        "div",
        "input",
        "label",
        "h3",
        "h4",
        "h5",
        "h6",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    },
    attributes={
        "a": {"href", "title"},
        "ol": {"start"},
        "li": {"value"},
        "span": {"data-user-id"},
        "input": {"checked", "disabled"},
    },
    tag_attribute_values={
        "input": {"type": {"checkbox"}},
        **{
            tag: {"dir": {"rtl"}}
            for tag in ("ul", "ol", "blockquote", "table", "h3", "h4", "h5", "h6")
        },
    },
    set_tag_attribute_values={
        "a": {"target": "_blank"},
        "input": {"disabled": ""},
        # what is wider than the screen is scrolled to by keys, too
        "pre": {"tabindex": "0"},
        "div": {"tabindex": "0"},
    },
    allowed_classes={
        "span": {"mention", "mention-room", *CLASSES},
        "pre": {"code"},
        "div": {"message-table"},
        "ul": {"contains-task-list"},
        "ol": {"contains-task-list"},
        "li": {"task-list-item"},
        "input": {"task-list-item-checkbox"},
        "th": {"align-left", "align-center", "align-right"},
        "td": {"align-left", "align-center", "align-right"},
    },
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
)
