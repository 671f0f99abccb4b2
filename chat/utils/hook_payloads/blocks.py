"""Slack's blocks, each as a paragraph. What the chat cannot show is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from chat.utils.hook_payloads import rich_text
from chat.utils.hook_payloads.budget import Budget
from chat.utils.hook_payloads.markdown import (
    heading,
    lines,
    link,
    more_parts,
    not_shown,
)
from chat.utils.hook_payloads.shapes import Part as Block
from chat.utils.hook_payloads.shapes import listed, string

MOST_BLOCKS = 50  # as Slack
MOST_ELEMENTS = 25  # buttons, fields, or texts of a context; Slack takes fewer or as many
DIVIDER = "---"
BETWEEN = " · "  # between what Slack shows side by side
# A field as tools write it: its name in bold, and below it one line.
_NAMED_FIELD = re.compile(r"(\*\*[^\n]+\*\*)\n([^\n]+)")


def written(blocks: object, budget: Budget) -> list[str]:
    """Return the paragraphs of a payload's blocks; none if it has none."""
    found, more = listed(blocks, MOST_BLOCKS)
    parts = [_written(block, budget) for block in found]
    while parts and parts[-1] == DIVIDER:
        parts.pop()
    return [part for part in (*parts, more_parts(more)) if part]


def _written(block: Block, budget: Budget) -> str:
    kind = block.get("type")
    write = _KINDS.get(kind) if isinstance(kind, str) else None
    return write(block, budget) if write else not_shown(string(kind, "block"))


def _header(block: Block, budget: Budget) -> str:
    return heading(budget.words_line(block.get("text")))


def _section(block: Block, budget: Budget) -> str:
    fields = block.get("fields")
    fields = fields if isinstance(fields, list) else []
    accessory, _more = listed([block.get("accessory")], 1)
    return lines(
        [
            budget.words(block.get("text")),
            *(_field(each, budget) for each in fields[:MOST_ELEMENTS]),
            more_parts(len(fields) - MOST_ELEMENTS),
            elements(accessory, budget),
        ]
    )


def _field(field: Any, budget: Budget) -> str:
    text = budget.words(field)
    named = _NAMED_FIELD.fullmatch(text)
    return f"{named[1]} {named[2]}" if named else text


def _context(block: Block, budget: Budget) -> str:
    found, more = listed(block.get("elements"), MOST_ELEMENTS)
    return " ".join(part for part in (elements(found, budget, " "), more_parts(more)) if part)


def _actions(block: Block, budget: Budget) -> str:
    found, more = listed(block.get("elements"), MOST_ELEMENTS)
    return lines([elements(found, budget), more_parts(more)])


def elements(parts: list[Block], budget: Budget, between: str = BETWEEN) -> str:
    """Return texts, images and buttons in one line: links, and the names of what leads nowhere."""
    shown: list[str] = []
    unlinked: list[str] = []
    for part in parts:
        kind = part.get("type")
        if kind in ("mrkdwn", "plain_text"):
            shown.append(budget.words(part))
            continue
        if kind == "image":
            shown.append(_image(part, budget))
            continue
        words = budget.words_line(part.get("text")) or budget.words_line(part.get("placeholder"))
        if address := string(part.get("url")):
            shown.append(link(words, address))
        else:
            unlinked.append(words or string(kind, "element"))
    return between.join(part for part in (*shown, not_shown(*unlinked)) if part)


def _image(block: Block, budget: Budget) -> str:
    words = budget.words_line(block.get("title")) or budget.line(block.get("alt_text"))
    address = string(block.get("image_url"))
    return link(words or "image", address) if address else not_shown(words or "image")


def _video(block: Block, budget: Budget) -> str:
    words = budget.words_line(block.get("title")) or budget.line(block.get("alt_text"))
    address = string(block.get("title_url")) or string(block.get("video_url"))
    shown = link(words, address) if address else not_shown(words or "video")
    return lines([shown, budget.words(block.get("description"))])


def _divider(_block: Block, _budget: Budget) -> str:
    return DIVIDER


def _markdown(block: Block, budget: Budget) -> str:
    return budget.typed(block.get("text"))


_KINDS: dict[str, Callable[[Block, Budget], str]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "video": _video,
    "divider": _divider,
    "markdown": _markdown,
    "rich_text": rich_text.written,
}
