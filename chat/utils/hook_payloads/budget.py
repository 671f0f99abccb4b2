"""The budget of one payload: how much of its texts is converted at all."""

from __future__ import annotations

from typing import Any

from chat.utils.hook_payloads import mrkdwn

TIMES = 4  # the longest message: Slack's markup may be longer than what it becomes
OF_A_TEXT = 8  # additional characters, because many short texts take longer than one long text


class Budget:
    """Converts the texts of a payload, and counts the characters for which no room is left.

    `cut`: those characters. Without the budget, a megabyte would be converted to show 8,000
    characters of it.
    """

    def __init__(self, longest: int):
        self._left = TIMES * longest
        self.cut = 0

    def mrkdwn(self, value: object) -> str:
        """Return a text in Slack's markup as Markdown; an empty text if `value` is none."""
        return mrkdwn.converted(self.typed(value))

    def plain(self, value: object, *, links: bool = True) -> str:
        """Return a text without markup so that its signs stay; `links`: with Slack's links."""
        return mrkdwn.literal(self.typed(value), links=links)

    def line(self, value: object) -> str:
        """Return a text without markup in one line."""
        return " ".join(self.plain(value).split())

    def typed(self, value: object) -> str:
        """Return a text as it is; numbers are texts, too."""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return ""
        text = str(value).strip("\n")
        if not text:
            return ""
        taken = text[: self._left]
        self._left = max(0, self._left - len(taken) - OF_A_TEXT)
        self.cut += len(text) - len(taken)
        return taken

    def words(self, value: Any) -> str:
        """Return a text object: `{"type": "mrkdwn" | "plain_text", "text": …}`."""
        if not isinstance(value, dict):
            return self.mrkdwn(value)
        if value.get("type") == "plain_text":
            return self.plain(value.get("text"), links=False)
        return self.mrkdwn(value.get("text"))

    def words_line(self, value: Any) -> str:
        """Return a text object in one line, without markup."""
        return self.line(value.get("text") if isinstance(value, dict) else value)
