"""Texts of another chat, as messages of this one."""

from __future__ import annotations

from chat.controllers.imports.people import People
from chat.utils.imports.past import MENTION
from chat.utils.text import clean_text, is_unseen

FENCE = "```"
LEAST_WITH_CODE = 100  # characters of a message in which code may go on


class Bodies:
    """`longest`: characters of a message here."""

    def __init__(self, people: People, longest: int):
        self._people = people
        self._longest = longest

    def clean(self, body: str) -> tuple[str, dict[str, str]]:
        """Return a text as a message has it, and whom it names: casefolded username -> id.

        The text may be empty, or too long.
        """
        named: dict[str, str] = {}
        parts = MENTION.split(body)
        for place in range(1, len(parts), 2):
            account = self._people.find(parts[place])
            name = account.username if account else parts[place]
            if account:
                named[name.casefold()] = str(account.id)
            parts[place] = f"@{name}"
        text = "".join(parts).replace("\0", "").encode(errors="replace").decode()
        text = clean_text(text, lines=True)
        return ("" if is_unseen(text) else text), named

    def split(self, text: str) -> list[str]:
        """Return a text in parts that are short enough; one part for an empty text."""
        parts: list[str] = []
        while len(text) > self._longest:
            room = max(1, self._longest - len(FENCE) - 1)
            ends = (text.rfind(separator, room // 2, room) for separator in ("\n", " "))
            end = next((end for end in ends if end > 0), room)
            part, text = text[:end].rstrip(), text[end:].lstrip("\n")
            if (
                part.count(FENCE) % 2 and self._longest > LEAST_WITH_CODE
            ):  # code goes on in the next part
                part, text = f"{part}\n{FENCE}", f"{FENCE}\n{text}"
            parts.append(part)
        return [*parts, text]

    def cut(self, text: str) -> str:
        """Return the beginning of a text that is too long."""
        return text if len(text) <= self._longest else text[: self._longest - 1].rstrip() + "…"
