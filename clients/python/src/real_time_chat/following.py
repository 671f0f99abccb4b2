"""Follow all rooms of a bot: the logs are authoritative, events are hints.

On every event the follower reads the room's log from the last seq that it has. So it needs no rule
for events that are lost, late or doubled.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

from real_time_chat.errors import ChatError
from real_time_chat.listening import Listener
from real_time_chat.news import Newsboard

if TYPE_CHECKING:
    from real_time_chat.chat import Chat
    from real_time_chat.memory import Memory

Entry = dict[str, Any]  # {event, room_id, seq, message}
Item = dict[str, Any]  # of GET /rooms: {room, head_seq, read_seq, unread, mentions}

LOOK_SECONDS = 60.0  # between two looks at all rooms, whatever events say
STEP = 500  # entries of one answer


class Follower:
    """Yields the entries after those that a memory knows."""

    def __init__(self, chat: Chat, memory: Memory, *, from_beginning: bool):
        self._chat = chat
        self._memory = memory
        self._from_beginning = from_beginning
        self._seen: dict[str, int] = {}
        self._board = Newsboard()

    def entries(self) -> Generator[Entry, None, None]:
        """Yield entries for ever. Raises ChatError, for example when the token was revoked."""
        chat = self._chat
        listener = Listener(chat.url, chat.token, self._board, chat.timeout)
        listener.start()
        try:
            seen = self._memory.load()
            if seen is None:
                self._begin()
            else:
                self._seen = seen
            yield from self._of_all()
            while True:
                news = self._board.take(LOOK_SECONDS)
                if news.is_anywhere:
                    yield from self._of_all(news.joined)
                for room_id, head in news.heads.items():
                    yield from self._of_room(room_id, head, news.joined)
        finally:
            listener.stop()

    def _begin(self) -> None:
        """Begin, at the first start, with what comes from now on."""
        for item in self._rooms():
            self._seen[item["room"]["id"]] = 0 if self._from_beginning else item["head_seq"]
        self._memory.save(self._seen)

    def _rooms(self) -> list[Item]:
        """Return all rooms.

        They are read before anything is done about one of them: a room that the bot uses meanwhile
        moves to the first page, which was read already.
        """
        rooms: list[Item] = []
        before: str | None = ""
        while before is not None:
            page = self._chat.get("/rooms", before=before)
            rooms += page["rooms"]
            before = page["next"]
        return rooms

    def _of_all(self, joined: dict[str, int] | None = None) -> Iterator[Entry]:
        """Yield what every room has beyond the memory."""
        rooms = self._rooms()
        for item in rooms:
            self._meet(item, joined or {})
        for item in rooms:
            yield from self._up_to(item["room"]["id"], item["head_seq"])

    def _of_room(self, room_id: str, head: int, joined: dict[str, int]) -> Iterator[Entry]:
        """Yield what a room has up to `head`, beyond the memory."""
        if room_id not in self._seen:
            for item in self._chat.get("/rooms", ids=room_id)["rooms"]:
                self._meet(item, joined)
        yield from self._up_to(room_id, head)

    def _meet(self, item: Item, joined: dict[str, int]) -> None:
        """Note where a room begins that the memory does not know: where the bot joined it.

        `joined`: what events said about that. Without them it is known by what the bot has read,
        and a bot has read what precedes its own messages.
        """
        room_id, head = item["room"]["id"], item["head_seq"]
        if room_id not in self._seen:
            beginning = min(item["read_seq"], joined.get(room_id, head))
            self._note(room_id, 0 if self._from_beginning else beginning)
        elif self._seen[room_id] > head:  # the chat was restored from a backup
            self._note(room_id, head)

    def _up_to(self, room_id: str, head: int) -> Iterator[Entry]:
        """Yield a room's entries up to `head`."""
        while self._seen.get(room_id, head) < head:
            entries = self._read(room_id)
            for entry in entries:
                yield entry
                self._note(room_id, entry["seq"])
            if not entries:  # the bot is no longer there, or the chat was restored from a backup
                return

    def _read(self, room_id: str) -> list[Entry]:
        """Return the next entries of a room; none if the bot is no longer there."""
        try:
            page = self._chat.get(f"/rooms/{room_id}/log", after=self._seen[room_id], limit=STEP)
        except ChatError as error:
            if error.code in ("not_found", "forbidden"):
                return []
            raise
        entries: list[Entry] = page["entries"]
        return entries

    def _note(self, room_id: str, seq: int) -> None:
        self._seen[room_id] = seq
        self._memory.save(self._seen)
