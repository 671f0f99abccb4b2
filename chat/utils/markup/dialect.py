"""The chat's dialect of Markdown: the rules of the parser, and the HTML of their results.

docs/text.md describes it for people.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import escape
from mdit_py_plugins.tasklists import tasklists_plugin

from chat.utils import addresses
from chat.utils.highlighting import highlight
from chat.utils.markup import blocks, directions, emphasis, escapes, fences, inlines, links, tables
from chat.utils.mention_syntax import mark

_WEB_OR_MAIL = re.compile(r"https?://|mailto:", re.IGNORECASE)


def make_parser() -> MarkdownIt:
    """Return the parser. `markup.render` describes its `env`."""
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
    parser.validateLink = lambda url: bool(_WEB_OR_MAIL.match(url))  # type: ignore[method-assign]
    parser.normalizeLink = links.normal  # type: ignore[assignment, method-assign]
    parser.normalizeLinkText = addresses.shown  # type: ignore[assignment, method-assign]
    parser.use(tasklists_plugin, label=True)  # its text names the box, in any language
    _set_block_rules(parser)
    _set_inline_rules(parser)
    parser.core.ruler.at("inline", _parse_lines)
    parser.core.ruler.before("block", "fences", fences.set_apart)
    parser.core.ruler.push("finish", _finish)
    _set_render_rules(parser)
    return parser


def _set_block_rules(parser: MarkdownIt) -> None:
    ruler = parser.block.ruler
    # A link definition would disappear from the message.
    parser.disable(["reference", "html_block", "lheading"])
    everywhere: RuleOptionsType = {"alt": ["paragraph", "blockquote", "list"]}
    ruler.before("table", "count", _count_block)
    ruler.at("table", tables.table, {"alt": ["paragraph"]})
    ruler.at("code", blocks.code)
    ruler.at("fence", fences.fence, everywhere)
    ruler.at("blockquote", blocks.quote, everywhere)
    ruler.at("hr", blocks.rule)
    ruler.at("list", blocks.items, {"alt": ["paragraph", "blockquote"]})
    ruler.at("heading", blocks.heading)
    ruler.at("paragraph", blocks.paragraph)
    ruler.enable(["table"])


def _set_inline_rules(parser: MarkdownIt) -> None:
    ruler = parser.inline.ruler
    parser.disable(["html_inline", "entity", "strikethrough", "linkify", "image"])
    ruler.before("text", "count", _count_inline)
    ruler.at("text", inlines.text)
    ruler.after("text", "address", inlines.address)
    ruler.at("backticks", inlines.code)
    ruler.at("newline", inlines.newline)
    ruler.at("escape", escapes.escape)
    ruler.at("emphasis", emphasis.delimiters)
    ruler.at("autolink", inlines.bracketed)
    ruler.at("link", inlines.link)
    ruler.before("link", "picture", inlines.picture)
    ruler.push("mention", inlines.mention)
    ruler.push("emoji", inlines.emoji)
    parser.inline.ruler2.enable(["strikethrough"])
    parser.inline.ruler2.after("balance_pairs", "undo", emphasis.undo)


def _set_render_rules(parser: MarkdownIt) -> None:
    rules: dict[str, Callable[..., str]] = {
        "mention": _render_mention,
        "fence": _render_code,
        "code_block": _render_code,
        "softbreak": _render_break,
        "table_open": _render_table_open,
        "table_close": _render_table_close,
    }
    for name, rule in rules.items():
        parser.add_render_rule(name, rule)


def _count_inline(state: StateInline, silent: bool) -> bool:
    """Count the call of an inline rule: this rule is called first, and never matches."""
    steps = state.env["steps"]
    steps.reached = state.env["lines_before"] + state.pos
    steps.spend(1)
    return False


def _count_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Count the call of a block rule: this rule is called first, and never matches."""
    steps = state.env["steps"]
    steps.reached = state.bMarks[start_line]
    steps.spend(1)
    return False


def _parse_lines(state: StateCore) -> None:
    """Parse the text within blocks. A text without signs becomes one token."""
    state.env["steps"].begin_pass()
    state.env["lines_before"] = 0  # characters of the earlier lines
    for token in state.tokens:
        if token.type != "inline":
            continue
        if inlines.has_signs(token.content):
            token.children = []
            state.md.inline.parse(token.content, state.md, state.env, token.children)
        elif token.content:
            token.children = [Token("text", "", 0, content=token.content)]
        else:
            token.children = []
        state.env["lines_before"] += len(token.content)


def _finish(state: StateCore) -> None:
    """Number the items, set the direction of blocks, and turn bare addresses into links."""
    blocks.number_items(state.tokens)
    directions.set_directions(state.tokens, state.src)
    for token in state.tokens:
        if token.type == "inline" and token.children:
            token.children = list(links.with_hosts(list(links.with_bare(token.children))))


def _render_mention(
    _renderer: RendererHTML, tokens: list[Token], i: int, _options: Any, env: Any
) -> str:
    env["named"].add(tokens[i].meta["meant"])
    return mark(tokens[i].content, tokens[i].meta["meant"])


def _render_code(
    _renderer: RendererHTML, tokens: list[Token], i: int, _options: Any, env: Any
) -> str:
    code = tokens[i].content
    language = tokens[i].info
    if language and len(code) <= env["highlighted"]:
        env["highlighted"] -= len(code)
        return f'<pre class="code"><code>{highlight(code, language)}</code></pre>\n'
    return f'<pre class="code"><code>{escape(code)}</code></pre>\n'


def _render_break(*_: object) -> str:
    return "<br>"


def _render_table_open(
    _renderer: RendererHTML, tokens: list[Token], i: int, _options: Any, _env: Any
) -> str:
    direction = ""
    if "dir" in tokens[i].attrs:
        direction = ' dir="rtl"'
    return f'<div class="message-table"><table{direction}>\n'


def _render_table_close(*_: object) -> str:
    return "</table></div>\n"
