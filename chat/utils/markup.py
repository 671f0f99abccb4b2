"""From what people wrote, CommonMark, to HTML that is safe to show.

Three walls: the parser knows no HTML, so `<` is always text; what it makes is cleaned by a list of what may be there;
and the pages' Content-Security-Policy runs nothing that is not ours. What would take long to render, or become much larger
than it was typed, is shown as typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import nh3
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import escape
from mdit_py_plugins.tasklists import tasklists_plugin

from chat.utils import addresses
from chat.utils.emojis import emoji_from
from chat.utils.highlighting import CLASSES, highlight
from chat.utils.naming import MARK_CHARACTERS, MOST_MARKS, NAME, ROOM, mark, names_in, readings
from chat.utils.text import OVERRIDES

__all__ = ["MOST_STEPS", "RENDERER", "ROOM", "Rendered", "names_in", "plain", "render"]

RENDERER = 4       # to be raised with every change of what render makes: what was kept is then rendered anew
MOST_TIMES, MOST_MORE = 4, 2_048  # characters of HTML: so many for each of the text, and so many more
MOST_STEPS = 600   # of the parser, some 10 µs each: documentation of 8,000 characters takes 300, what is made to be slow 8,000
HIGHLIGHTED = 2_000  # characters of code in a text that are coloured, some 1 µs each

_EMOJI = re.compile(r":[\w+-]{1,60}:")
_LINK = re.compile(r"https?://|mailto:", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_AMPERSAND = re.compile(r"&(?=[A-Za-z0-9#])")  # one that could begin a character reference
# One line that begins with a letter and has nothing in it that any rule of the parser or of the cleaner looks for.
_QUIET = r"[^\x00-\x1f\x7f\xa0\u2028-\u202e\\`*_~\[\]<>&@|:]*"
_PLAIN = re.compile(rf"[^\W\d_]{_QUIET}(?::(?= |$){_QUIET})*")


@dataclass(frozen=True)
class Rendered:
    """`named`: of what `names` could have named, what is named outside of code and links."""

    html: str
    named: frozenset[str]


class _TooMuch(Exception):
    """The text takes too long."""


def render(body: str, names: Mapping[str, str] | None = None) -> Rendered:
    """`body` as HTML, of MOST_TIMES its characters and MOST_MORE at most. `names`: by casefolded name the id of who bears it, or ROOM;
    no other `@name` is one.
    """
    if html := plain(body):  # most of what people say; to parse it would cost more than anything else on its way
        return Rendered(html, frozenset())
    rendered = _parsed(body, names or {}, HIGHLIGHTED)
    if rendered and _is_too_long(rendered.html, body) and "```" in body:
        rendered = _parsed(body, names or {}, 0)  # colours are the first to go
    return _as_typed(body, names or {}) if rendered is None or _is_too_long(rendered.html, body) else rendered


def plain(body: str) -> str | None:
    """Return the HTML of a text without markup; None where there is some, or may be."""
    if _PLAIN.fullmatch(body) is None or body[-1].isspace() or "www." in body.casefold():
        return None
    return f"<p>{body}</p>"


def _parsed(body: str, names: Mapping[str, str], highlighted: int) -> Rendered | None:
    """None for what takes too long, and for markup without content."""
    env: dict[str, Any] = {
        "names": names, "named": set(), "marks": MOST_MARKS, "steps": MOST_STEPS - _foreseen(body), "highlighted": highlighted,
    }
    if env["steps"] < 0:
        return None
    try:
        html = _cleaner.clean(_markdown.render(body, env)).rstrip().translate(OVERRIDES)
    except _TooMuch:
        return None
    if not _TAG.sub("", html).strip() and "<hr" not in html and "<input" not in html:
        return None  # a lone `#` or `-`: somebody said it
    return Rendered(html, frozenset(env["named"]))


def _is_too_long(html: str, body: str) -> bool:
    return len(html) > MOST_TIMES * len(body) + MOST_MORE


def _foreseen(body: str) -> int:
    """The steps that no rule is there to count: through lines, cells and addresses."""
    return body.count("\n") + body.count("|") + 3 * (body.count("://") + body.count("www.") + body.count("@"))


def _as_typed(body: str, names: Mapping[str, str]) -> Rendered:
    """Without marks at most MOST_TIMES as long as the text: what need not be escaped is not. With as many marks as fit."""
    body = body.translate(OVERRIDES)
    html, named = _paragraphs(_AMPERSAND.sub("&amp;", body).replace("<", "&lt;").replace(">", "&gt;")), set[str]()
    left = min(MOST_MARKS, (MOST_TIMES * len(body) + MOST_MORE - len(html)) // MARK_CHARACTERS)

    def show(match: re.Match[str]) -> str:
        nonlocal left
        for end, reading in readings(match[1]) if left > 0 else ():
            if meant := names.get(reading):
                named.add(meant)
                left -= 1
                return mark(match[1][:end], meant) + match[1][end:]
        return match[0]

    return Rendered(NAME.sub(show, html) if names else html, frozenset(named))


def _paragraphs(text: str) -> str:
    paragraphs = (paragraph.strip("\n") for paragraph in text.split("\n\n"))
    return "".join(f"<p>{paragraph.replace(chr(10), '<br>')}</p>" for paragraph in paragraphs if paragraph)


# what the parser learns beside CommonMark


def _mention(state: StateInline, silent: bool) -> bool:
    """`@name`, where somebody bears the name; not in a link."""
    if state.src[state.pos] != "@" or state.linkLevel or not state.env["marks"]:
        return False
    match = NAME.match(state.src, state.pos)
    found = next((each for each in readings(match[1]) if each[1] in state.env["names"]), None) if match else None
    if match is None or found is None:
        return False
    end, reading = found
    if not silent:
        state.env["marks"] -= 1
        token = state.push("mention", "", 0)
        token.content, token.meta = match[1][:end], {"meant": state.env["names"][reading]}
    state.pos += 1 + end
    return True


def _emoji(state: StateInline, silent: bool) -> bool:
    """`:name:` of an emoji."""
    if state.src[state.pos] != ":":
        return False
    match = _EMOJI.match(state.src, state.pos)
    found = emoji_from(match[0]) if match else None
    if match is None or found is None:
        return False
    if not silent:
        state.pending += found
    state.pos = match.end()
    return True


def _count_inline(state: StateInline, silent: bool) -> bool:
    return _count(state.env)


def _count_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    return _count(state.env)


def _count(env: Any) -> bool:
    """Never a match: only stands before every other rule."""
    env["steps"] -= 1
    if env["steps"] < 0:
        raise _TooMuch
    return False


def _settle(state: StateCore) -> None:
    """What differs from a document: modest headings, alignment by class, a picture by its link."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"  # a room's name is the page's h1
        elif token.type in ("th_open", "td_open") and "style" in token.attrs:
            token.attrs = {"class": f"align-{str(token.attrs['style']).removeprefix('text-align:')}"}
        elif token.type == "inline":
            _drop_picture_marks(token.children or [])
            token.children = list(_with_hosts(token.children or []))


def _drop_picture_marks(tokens: list[Token]) -> None:
    """`![a boat](https://…)` is a link: pictures come by upload, so that nobody learns who reads what."""
    for before, token in pairwise(tokens):
        if token.type == "link_open" and not token.markup and before.type == "text" and before.content.endswith("!"):
            before.content = before.content[:-1]


def _with_hosts(tokens: list[Token]) -> Iterator[Token]:
    """A link whose text is another address than it leads to has its host behind it."""
    address, text = "", ""
    for token in tokens:
        yield token
        if token.type == "link_open":
            address, text = str(token.attrs["href"]), ""
        elif token.type == "link_close":
            if host := addresses.leads_elsewhere(text, address):
                yield Token("text", "", 0, content=f" ({host})")
        else:
            text += token.content


def _render_mention(_renderer: RendererHTML, tokens: list[Token], i: int, _options: Any, env: Any) -> str:
    env["named"].add(tokens[i].meta["meant"])
    return mark(tokens[i].content, tokens[i].meta["meant"])


def _render_code(_renderer: RendererHTML, tokens: list[Token], i: int, _options: Any, env: Any) -> str:
    code, words = tokens[i].content, tokens[i].info.split()
    if words and len(code) <= env["highlighted"]:
        env["highlighted"] -= len(code)
        return f'<pre class="code"><code>{highlight(code, words[0].lower())}</code></pre>\n'
    return f'<pre class="code"><code>{escape(code)}</code></pre>\n'


def _render_break(*_: object) -> str:
    return "<br>"


def _render_table_open(*_: object) -> str:
    return '<div class="message-table"><table>\n'


def _render_table_close(*_: object) -> str:
    return "</table></div>\n"


def _make_linkify() -> LinkifyIt:
    """Addresses with a scheme, with `www.`, and mail's. Not `example.com`: README.md and main.py would be sites."""
    linkify = LinkifyIt(options={"fuzzy_link": False})
    site = re.compile(linkify.re["src_host_port_strict"] + linkify.re["src_path"], re.IGNORECASE)

    def length(_self: LinkifyIt, text: str, position: int) -> int:
        match = site.match(text, position)
        return len(match[0]) if match else 0

    def complete(_self: LinkifyIt, match: Any) -> None:
        match.url = f"https://{match.url}"

    return linkify.add("//", None).add("ftp:", None).add("www.", {"validate": length, "normalize": complete})


def _make_markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": 20})
    # Definitions of links would vanish from what somebody said.
    markdown.enable(["table", "strikethrough", "linkify"]).disable(["image", "reference", "html_block", "html_inline"])
    markdown.linkify = _make_linkify()
    markdown.validateLink = lambda url: bool(_LINK.match(url))  # type: ignore[method-assign]
    markdown.normalizeLinkText = addresses.shown  # type: ignore[assignment, method-assign]
    markdown.use(tasklists_plugin)
    markdown.inline.ruler.before("text", "count", _count_inline)
    markdown.inline.ruler.after("linkify", "mention", _mention)
    markdown.inline.ruler.after("linkify", "emoji", _emoji)
    markdown.block.ruler.before("table", "count", _count_block)
    markdown.core.ruler.push("settle", _settle)
    rules: dict[str, Callable[..., str]] = {
        "mention": _render_mention, "fence": _render_code, "code_block": _render_code, "softbreak": _render_break,
        "hardbreak": _render_break, "table_open": _render_table_open, "table_close": _render_table_close,
    }
    for name, rule in rules.items():
        markdown.add_render_rule(name, rule)
    return markdown


# One of each for the process: to make them takes longer than to use them.
_markdown = _make_markdown()
_cleaner = nh3.Cleaner(
    tags={
        "p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "a", "span", "div", "input",
        "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
    },
    attributes={"a": {"href", "title"}, "ol": {"start"}, "span": {"data-user-id"}, "input": {"checked", "disabled"}},
    tag_attribute_values={"input": {"type": {"checkbox"}}},
    set_tag_attribute_values={"a": {"target": "_blank"}, "input": {"disabled": ""}},
    allowed_classes={
        "span": {"mention", "mention-room", *CLASSES}, "pre": {"code"}, "div": {"message-table"},
        "ul": {"contains-task-list"}, "ol": {"contains-task-list"}, "li": {"task-list-item"}, "input": {"task-list-item-checkbox"},
        "th": {"align-left", "align-center", "align-right"}, "td": {"align-left", "align-center", "align-right"},
    },
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
)
