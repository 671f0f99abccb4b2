"""Where something is new, as the events of a socket tell it."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple


class News(NamedTuple):
    """What was told since the last look.

    `is_anywhere`: any room may have something new. `heads`: room → the seq that its log reaches.
    `joined`: room → where its log ended when the bot joined it.
    """

    is_anywhere: bool
    heads: dict[str, int]
    joined: dict[str, int]


class Newsboard:
    """Collects news until somebody takes them: a thousand events of a room are one.

    Otherwise a bot that was busy or cut off for a while would have all of them to work through.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._news = News(False, {}, {})

    def note(self, event: str, payload: Any = None) -> None:
        """Note an event. Any thread may call it, in any order: no event is older than another."""
        with self._changed:
            if event == "room:added":
                room_id, head = payload["room"]["id"], payload["head_seq"]
                self._news.joined.setdefault(room_id, head)
                self._reach(room_id, head)
            elif event == "room:heads":
                for room_id, head in payload.items():
                    self._reach(room_id, head)
            elif event.startswith("message:"):
                self._reach(payload["room_id"], payload["seq"])
            elif event == "hello":
                self._news = self._news._replace(is_anywhere=True)
            self._changed.notify()

    def note_anywhere(self) -> None:
        """Note that there may be something new in any room."""
        self.note("hello")

    def take(self, seconds: float) -> News:
        """Wait for news, and return them; after so many seconds look anywhere."""
        with self._changed:
            if not self._has_some():
                self._changed.wait_for(self._has_some, seconds)
            news, self._news = self._news, News(False, {}, {})
        return news if news.is_anywhere or news.heads else news._replace(is_anywhere=True)

    def _has_some(self) -> bool:
        return self._news.is_anywhere or bool(self._news.heads)

    def _reach(self, room_id: str, head: int) -> None:
        self._news.heads[room_id] = max(head, self._news.heads.get(room_id, 0))
