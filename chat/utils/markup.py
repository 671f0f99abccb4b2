"""From what people wrote, CommonMark, to HTML that is safe to show.

Three walls: the parser knows no HTML, so `<` is always text; what it makes is cleaned by a list of what may be there;
and the pages' Content-Security-Policy runs nothing that is not ours. What would take long to render is shown as typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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

from chat.utils.emojis import emoji_from
from chat.utils.highlighting import CLASSES, highlight

RENDERER = 2       # to be raised with every change of what render makes: what was kept is then rendered anew
ROOM = "room"      # what `@room` names: everybody in it
MOST_NAMES = 50    # different ones in a text; what comes after them names nobody
MOST_STEPS = 600   # of the parser, some 10 µs each: documentation of 8,000 characters takes 300, what is made to be slow 8,000
HIGHLIGHTED = 2_000  # characters of code in a text that are coloured, some 1 µs each

_NAME = re.compile(r"(?<![^\W_])(?<![/.@-])@([\w.-]{2,32})(?![\w@])")
_EMOJI = re.compile(r":[\w+-]{1,60}:")
_LINK = re.compile(r"https?://|mailto:", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
# One line that begins with a letter and has nothing in it that any rule of the parser or of the cleaner looks for.
_PLAIN = re.compile(r"[^\W\d_](?:[^\x00-\x1f\x7f\xa0\u2028\u2029\\`*_~\[\]<>&@|:]|:(?= |$))*", re.DOTALL)


@dataclass(frozen=True)
class Rendered:
    """`named`: of what `names` could have named, what is named outside of code and links."""

    html: str
    named: frozenset[str]


class _TooMuch(Exception):
    """The text takes too long."""


def names_in(body: str) -> set[str]:
    """What `body` may name: each `@name` as it stands and without the punctuation behind it, casefolded."""
    if "@" not in body:
        return set()
    found: dict[str, None] = {}
    for match in _NAME.finditer(body):
        found |= dict.fromkeys(_readings(match[1]))
        if len(found) >= MOST_NAMES:
            break
    return set(found)


def render(body: str, names: Mapping[str, str] | None = None) -> Rendered:
    """`body` as HTML. `names`: by casefolded name the id of who bears it, or ROOM; no other `@name` is one."""
    if _is_plain(body):  # most of what people say; to parse it would cost more than anything else on its way
        return Rendered(f"<p>{body}</p>", frozenset())
    env: dict[str, Any] = {"names": names or {}, "named": set(), "steps": MOST_STEPS - _foreseen(body), "highlighted": HIGHLIGHTED}
    if env["steps"] < 0:
        return _as_typed(body, names or {})
    try:
        html = _cleaner.clean(_markdown.render(body, env)).rstrip()
    except _TooMuch:
        return _as_typed(body, names or {})
    if not _TAG.sub("", html).strip() and "<hr" not in html and "<input" not in html:
        return _as_typed(body, names or {})  # a lone `#` or `-` is markup without content, but somebody said it
    return Rendered(html, frozenset(env["named"]))


def _is_plain(body: str) -> bool:
    return _PLAIN.fullmatch(body) is not None and not body[-1].isspace() and "www." not in body.casefold()


def _foreseen(body: str) -> int:
    """The steps that no rule is there to count: through lines, cells and addresses."""
    return body.count("\n") + body.count("|") + 3 * (body.count("://") + body.count("www.") + body.count("@"))


def _as_typed(body: str, names: Mapping[str, str]) -> Rendered:
    named: set[str] = set()

    def show(match: re.Match[str]) -> str:
        for reading in _readings(match[1]):
            if meant := names.get(reading):
                named.add(meant)
                return _mention_html(match[1][: len(reading)], meant) + match[1][len(reading):]
        return match[0]

    html = _NAME.sub(show, str(escape(body))) if names else str(escape(body))
    paragraphs = (paragraph.strip("\n") for paragraph in html.split("\n\n"))
    return Rendered("".join(f"<p>{paragraph.replace(chr(10), '<br>')}</p>" for paragraph in paragraphs if paragraph), frozenset(named))


def _readings(name: str) -> list[str]:
    """`bob.` → `bob.`, `bob`: the longest that somebody bears is meant."""
    least = len(name.rstrip("._-"))
    return [name[:end].casefold() for end in range(len(name), max(least, 2) - 1, -1)]


def _mention_html(name: str, meant: str) -> str:
    who = f'class="mention" data-user-id="{meant}"' if meant != ROOM else 'class="mention mention-room"'
    return f"<span {who}>@{escape(name)}</span>"


# what the parser learns beside CommonMark


def _mention(state: StateInline, silent: bool) -> bool:
    """`@name`, where somebody bears the name; not in a link."""
    if state.src[state.pos] != "@" or state.linkLevel:
        return False
    match = _NAME.match(state.src, state.pos)
    reading = next((reading for reading in _readings(match[1]) if reading in state.env["names"]), None) if match else None
    if match is None or reading is None:
        return False
    if not silent:
        token = state.push("mention", "", 0)
        token.content, token.meta = match[1][: len(reading)], {"meant": state.env["names"][reading]}
    state.pos += 1 + len(reading)
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


def _drop_picture_marks(tokens: list[Token]) -> None:
    """`![a boat](https://…)` is a link: pictures come by upload, so that nobody learns who reads what."""
    for before, token in pairwise(tokens):
        if token.type == "link_open" and not token.markup and before.type == "text" and before.content.endswith("!"):
            before.content = before.content[:-1]


def _render_mention(_renderer: RendererHTML, tokens: list[Token], i: int, _options: Any, env: Any) -> str:
    env["named"].add(tokens[i].meta["meant"])
    return _mention_html(tokens[i].content, tokens[i].meta["meant"])


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
