"""What readers do to texts in Markdown: emoji by their names, and code that stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable

from chat.utils.emojis import emoji_from
from chat.utils.imports.past import mention_of

_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
_PERSON = re.compile(r"(?<![\w@])@([\w.-]{1,64})")
_EMOJI = re.compile(r":[a-z0-9_+'-]{1,80}:")


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Return a text in which `change` got all parts that are not code."""
    parts = _CODE.split(text)
    parts[::2] = map(change, parts[::2])
    return "".join(parts)


def with_emoji(text: str) -> str:
    """Return a text with emoji in place of their names."""
    return _EMOJI.sub(lambda found: emoji_from(found[0]) or found[0], text)


def with_mentions(text: str, key_of: Callable[[str], str | None]) -> str:
    """Return a text with mentions in place of `@name`.

    `key_of` returns the key of a person by a lowercase username. A name may end with signs that
    belong to the sentence.
    """

    def mention(found: re.Match[str]) -> str:
        name = found[1]
        while name:
            if key := key_of(name.casefold()):
                return mention_of(key) + found[1][len(name) :]
            if name[-1] not in "._-":
                break
            name = name[:-1]
        return found[0]

    return _PERSON.sub(mention, text)
