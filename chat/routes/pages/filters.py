"""What templates make of names, pictures and messages."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from chat.routes.pages.measures import (
    MOST_HEIGHT,
    MOST_NAMES,
    MOST_SMALL,
    MOST_TALL,
    MOST_WIDE,
    MOST_WIDTH,
)
from chat.utils.email_addresses import parsed
from chat.utils.emojis import are_few_emoji
from chat.utils.lookalikes import FORMER
from chat.utils.plain_text import excerpt_of
from chat.utils.translation import _, ngettext


def initials(name: str) -> str:
    """Return the initials of a name: `Ada Lovelace` → `AL`; an emoji that it begins with, alone."""
    words = name.split()
    most = 2 if words and any(map(str.isalnum, words[0])) else 1
    return "".join(word[0] for word in words[:most]).upper()


def called(user: dict[str, Any]) -> str:
    """Return the display name of a UserView's person; people.js does the same."""
    return _(FORMER) if user.get("erased") else str(user["display_name"])


def label(user: dict[str, Any]) -> str:
    """Return the name of a UserView's person, where only a text fits; people.js does the same."""
    if user["shows_username"]:
        return f"{user['display_name']} @{user['username']}"
    return called(user)


def address(contact: str) -> str | None:
    """Return where a contact leads: to mail or to a page; None for a mere text."""
    if found := parsed(contact):
        return f"mailto:{quote(found, safe='@')}"
    return contact if contact.startswith("https://") and " " not in contact else None


def fitted(image: dict[str, Any]) -> tuple[object, object]:
    """Return the displayed width and height of a picture, so that nothing moves when it loads.

    Both are empty without a picture.
    """
    if not image:
        return "", ""
    width = min(image["width"], max(MOST_WIDTH, MOST_WIDE * image["height"]))
    height = min(image["height"], max(MOST_HEIGHT, MOST_TALL * image["width"]))
    scale = min(1, MOST_WIDTH / width, MOST_HEIGHT / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def is_small(image: dict[str, Any]) -> bool:
    """Return whether a picture is less than a tile, which it then does not fill."""
    return bool(image) and max(image["width"], image["height"]) < MOST_SMALL


def listed(ids: list[str], names: dict[str, str]) -> str:
    """Return a list of names, like `Ada, Bob and 3 others`; people.js does the same."""
    parts = [names[user_id] for user_id in ids[:MOST_NAMES] if user_id in names]
    if rest := len(ids) - len(parts):
        known = ", ".join(parts)
        return ngettext(
            "{names} and {count} other", "{names} and {count} others", rest, names=known
        )
    if len(parts) < 2:
        return "".join(parts)
    return _("{names} and {last}", names=", ".join(parts[:-1]), last=parts[-1])


def excerpt(message: dict[str, Any] | None) -> str:
    """Return the beginning of a message that is replied to, a ReplyView or a MessageView."""
    if not message:
        return ""
    if "body" in message:
        beginning = excerpt_of(message["body_html"], message["body"])
    else:
        beginning = message["excerpt"]
    return beginning or (
        _("This message was deleted.") if message["deleted_at"] else _("A picture")
    )


def is_emoji_only(body_html: str) -> bool:
    """Return whether a message is a few emoji and nothing else, so that they are shown large."""
    text = body_html.removeprefix("<p>").removesuffix("</p>")
    return are_few_emoji(text)
