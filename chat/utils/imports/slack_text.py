"""Slack's texts as Markdown of this chat, with people and channels by their names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from chat.utils.emojis import SKIN_TONE, emoji_from, toned
from chat.utils.hook_payloads import written
from chat.utils.imports.past import mention_of, plain
from chat.utils.imports.texts import outside_code

LONGEST = 100_000  # characters of a message; Slack's longest has 40,000

_LABELLED = re.compile(r"<@([UW][A-Z0-9]{1,20})\|[^<>]*>")
_ROOM = re.compile(r"<#([CGD][A-Z0-9]{1,20})\|?>")
_PERSON = re.compile(r"@([UW][A-Z0-9]{1,20})\b")
_EMOJI = re.compile(r":([a-z0-9_+'-]{1,80}):(:skin-tone-[2-6]:)?")


class SlackText:
    """`people`: the keys of those who get accounts. `names`, `rooms`: names of all, by key."""

    def __init__(self, people: Collection[str], names: Mapping[str, str], rooms: Mapping[str, str]):
        self._people = people
        self._names = names
        self._rooms = rooms

    def of(self, message: Mapping[str, Any], *, is_app: bool) -> str:
        """Return the body of a message. An app's has its blocks and attachments, too."""
        payload: dict[str, Any] = {"text": self._named_rooms(message.get("text"))}
        if is_app:
            names = ("blocks", "attachments")
            payload |= {name: message[name] for name in names if message.get(name)}
        body = plain(written(payload, LONGEST))
        return outside_code(body, self._shown)

    def name(self, text: str) -> str:
        """Return a topic or a status as plain text."""
        return _EMOJI.sub(_emoji, self._names_only(plain(written({"text": text}, LONGEST))))

    def _named_rooms(self, text: object) -> str:
        """Return a text whose links to people and channels have their ids, or their names."""
        if not isinstance(text, str):
            return ""
        text = _LABELLED.sub(lambda found: f"<@{found[1]}>", text)
        return _ROOM.sub(lambda found: "#" + self._rooms.get(found[1], found[1]), text)

    def _shown(self, text: str) -> str:
        return _EMOJI.sub(_emoji, _PERSON.sub(self._mention, text))

    def _mention(self, found: re.Match[str]) -> str:
        if found[1] in self._people:
            return mention_of(found[1])
        return "@" + self._names.get(found[1], found[1])

    def _names_only(self, text: str) -> str:
        return _PERSON.sub(lambda found: "@" + self._names.get(found[1], found[1]), text)


def slack_emoji(name: object) -> str | None:
    """Return the emoji with Slack's name, like `+1::skin-tone-2`; None for one of its own."""
    if not isinstance(name, str) or not 0 < len(name) <= 100:
        return None
    first, _colons, tone = name.partition("::")
    found = emoji_from(f":{first}:")
    match = SKIN_TONE.fullmatch(f":{tone}:")
    return toned(found, match) if found and match else found


def _emoji(found: re.Match[str]) -> str:
    return slack_emoji(found[0].strip(":")) or found[0]
