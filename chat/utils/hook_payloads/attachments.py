"""Slack's attachments: what most tools send, with a colour, a title, a text and fields."""

from __future__ import annotations

from chat.utils.hook_payloads import blocks
from chat.utils.hook_payloads.blocks import BETWEEN
from chat.utils.hook_payloads.budget import Budget
from chat.utils.hook_payloads.colours import sign_of
from chat.utils.hook_payloads.markdown import (
    bold,
    lines,
    link,
    moment,
    more_parts,
    not_shown,
    paragraphs,
    with_sign,
)
from chat.utils.hook_payloads.shapes import Part as Attachment
from chat.utils.hook_payloads.shapes import listed, string

MOST_ATTACHMENTS = 100  # as Slack
MOST_FIELDS = 50
MOST_ACTIONS = 25
LONGEST_SHORT = 40  # characters of a field that shares its line with another


def written(attachments: object, budget: Budget) -> list[str]:
    """Return a text of several paragraphs for each attachment."""
    found, more = listed(attachments, MOST_ATTACHMENTS)
    parts = [_written(each, budget) for each in found]
    return [part for part in (*parts, more_parts(more)) if part]


def _written(attachment: Attachment, budget: Budget) -> str:
    sign = sign_of(attachment.get("color"))
    title = with_sign(sign, bold(_linked(attachment, "title", "title_link", budget)))
    author = _linked(attachment, "author_name", "author_link", budget)
    body = paragraphs(
        [
            lines([author, title, _text(attachment, "text", budget)]),
            _fields(attachment, budget),
            *blocks.written(attachment.get("blocks"), budget),
            _pictures(attachment, budget),
            _actions(attachment, budget),
            _footer(attachment, budget),
            not_shown("attachments") if attachment.get("attachments") else "",
        ]
    )
    pretext = _text(attachment, "pretext", budget)
    if not body and not pretext:
        body = budget.mrkdwn(attachment.get("fallback"))
    return paragraphs([pretext, body if title else with_sign(sign, body)])


def _text(attachment: Attachment, name: str, budget: Budget) -> str:
    value = attachment.get(name)
    return budget.mrkdwn(value) if _is_formatted(attachment, name) else budget.plain(value)


def _is_formatted(attachment: Attachment, name: str) -> bool:
    """Return whether a part is in Slack's markup: if `mrkdwn_in` is missing or names it."""
    named = attachment.get("mrkdwn_in")
    return not isinstance(named, list) or name in named


def _linked(attachment: Attachment, name: str, address: str, budget: Budget) -> str:
    words = budget.line(attachment.get(name))
    return link(words, string(attachment.get(address))) if words else ""


def _fields(attachment: Attachment, budget: Budget) -> str:
    """Return fields in lines; two short ones share a line, as in Slack."""
    found, more = listed(attachment.get("fields"), MOST_FIELDS)
    shown: list[str] = []
    is_open = False  # whether the last line has one short field, and takes another one
    for each in found:
        field = _field(each, _is_formatted(attachment, "fields"), budget)
        is_short = bool(each.get("short")) and len(field) <= LONGEST_SHORT and "\n" not in field
        if is_short and is_open:
            shown[-1] += f"{BETWEEN}{field}"
            is_open = False
        elif field:
            shown.append(field)
            is_open = is_short
    return lines([*shown, more_parts(more)])


def _field(field: Attachment, is_formatted: bool, budget: Budget) -> str:
    title = budget.line(field.get("title"))
    value = field.get("value")
    text = budget.mrkdwn(value) if is_formatted else budget.plain(value)
    if not title:
        return text
    name = bold(title if title.endswith((":", "?")) else f"{title}:")
    return f"{name}\n{text}" if "\n" in text else f"{name} {text}".rstrip()


def _pictures(attachment: Attachment, budget: Budget) -> str:
    addresses = [string(attachment.get(name)) for name in ("image_url", "thumb_url")]
    return BETWEEN.join(link("", budget.typed(each)) for each in addresses if each)


def _actions(attachment: Attachment, budget: Budget) -> str:
    found, more = listed(attachment.get("actions"), MOST_ACTIONS)
    return lines([blocks.elements(found, budget), more_parts(more)])


def _footer(attachment: Attachment, budget: Budget) -> str:
    parts = (budget.line(attachment.get("footer")), moment(attachment.get("ts")))
    return BETWEEN.join(part for part in parts if part)
