"""Read what tools post to an incoming webhook, and write it as a message of this chat.

Tools send Slack's format: `text`, `attachments` and `blocks` in Slack's own markup.
docs/webhooks.md lists what is shown, and how. Everything here is pure: bytes in, Markdown of
docs/text.md out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chat.utils.emojis import SKIN_TONE, emoji_from, toned
from chat.utils.hook_payloads import attachments, blocks
from chat.utils.hook_payloads.bodies import NOTHING_TO_SHOW, UnreadablePayload, payload_of
from chat.utils.hook_payloads.budget import Budget
from chat.utils.hook_payloads.cutting import fitting
from chat.utils.hook_payloads.markdown import paragraphs
from chat.utils.names import without_invisible
from chat.utils.text import can_be_stored, clean_text

__all__ = ["LONGEST_NAME", "HookMessage", "UnreadablePayload", "read", "written"]

LONGEST_NAME = 80  # characters of the name that a tool gives itself


@dataclass(frozen=True)
class HookMessage:
    """What a tool wants to say.

    `text`: Markdown of this chat, not cleaned; the schema of messages cleans it. `name`: what the
    tool calls itself. `icon`: one emoji.
    """

    text: str
    name: str | None
    icon: str | None


def read(content_type: str, body: bytes, longest: int) -> HookMessage:
    """Return the message of a request's body, of at most `longest` characters.

    Slack's `<!here>`, `<!channel>` and `<!everyone>` become the word `@room`. It is only a word:
    whether it notifies anybody is decided where the message is posted, by the rights of its author.
    Raises UnreadablePayload, and nothing else, whatever the bytes are.
    """
    payload = payload_of(content_type, body)
    if isinstance(payload, str):
        return HookMessage(fitting(_shown(payload), longest), None, None)
    budget = Budget(longest)
    text = _shown(paragraphs(_parts(payload, budget)))
    return HookMessage(
        fitting(text, longest, budget.cut), _name(payload.get("username")), _icon(payload)
    )


def written(payload: dict[str, Any], longest: int) -> str:
    """Return a payload's text as Markdown, cut off after `longest` characters; maybe empty."""
    budget = Budget(longest)
    return fitting(paragraphs(_parts(payload, budget)), longest, budget.cut)


def _shown(text: str) -> str:
    """Return `text` without what cannot be stored; refuse a text that shows nothing."""
    if not can_be_stored(text):
        text = text.replace("\0", "").encode(errors="replace").decode()
    if not text.strip():
        raise UnreadablePayload(NOTHING_TO_SHOW)
    return text.rstrip()


def _parts(payload: dict[str, Any], budget: Budget) -> list[str]:
    """Return blocks, or else the text, which is only their stand-in; and the attachments."""
    shown = blocks.written(payload.get("blocks"), budget)
    if not shown:
        is_plain = payload.get("mrkdwn") is False
        text = payload.get("text")
        shown = [budget.plain(text) if is_plain else budget.mrkdwn(text)]
    return [*shown, *attachments.written(payload.get("attachments"), budget)]


def _name(username: object) -> str | None:
    if not isinstance(username, str):
        return None
    sent = username[: 2 * LONGEST_NAME].encode(errors="replace").decode()
    name = without_invisible(clean_text(sent))
    return name[:LONGEST_NAME].rstrip() or None


def _icon(payload: dict[str, Any]) -> str | None:
    """Return the emoji of `icon_emoji`: `:rocket:`, `:wave::skin-tone-3:`, `rocket` or 🚀."""
    written = payload.get("icon_emoji")
    if not isinstance(written, str) or not 0 < len(written) <= LONGEST_NAME:
        return None
    tone = SKIN_TONE.search(written)
    written = SKIN_TONE.sub("", written.strip())
    sign = emoji_from(written) or emoji_from(f":{written.strip(':')}:")
    return toned(sign, tone) if sign and tone else sign
