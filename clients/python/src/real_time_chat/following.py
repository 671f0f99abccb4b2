"""Follow all rooms of a bot: the logs are authoritative, events are hints.

On every event the follower reads the room's log from the last seq that it has. So it needs no rule
for events that are lost, late or doubled.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import socketio

from real_time_chat.errors import ChatError

if TYPE_CHECKING:
    from real_time_chat.chat import Chat
    from real_time_chat.memory import Memory

Entry = dict[str, Any]  # {event, room_id, seq, message}
Hint = tuple[str, Any]

REFUSED = "refused"  # no connection: a look at all rooms says whether the token is still good
LOOK_SECONDS = 60.0  # between two looks at all rooms, whatever events say
STEP = 500  # entries of one answer


class Follower:
    """Yields the entries after those that a memory knows."""

    def __init__(self, chat: Chat, memory: Memory, *, from_beginning: bool):
        self._chat = chat
        self._memory = memory
        self._from_beginning = from_beginning
        self._seen = memory.load()
        self._hints: queue.Queue[Hint] = queue.Queue()

    def entries(self) -> Iterator[Entry]:
        """Yield entries for ever. Raises ChatError, for example when the token was revoked."""
        threading.Thread(target=self._listen, daemon=True).start()
        yield from self._of_all()
        while True:
            try:
                event, payload = self._hints.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                yield from self._of_all()
                continue
            yield from self._follow(event, payload)

    def _follow(self, event: str, payload: Any) -> Iterator[Entry]:
        if event in ("hello", REFUSED):
            yield from self._of_all()
        elif event == "room:added":
            yield from self._of_room(payload["room"]["id"], payload["head_seq"])
        elif event == "room:heads":
            for room_id, head in payload.items():
                yield from self._of_room(room_id, head)
        elif event.startswith("message:"):
            yield from self._of_room(payload["room_id"], payload["seq"], payload["seq"] - 1)

    def _of_all(self) -> Iterator[Entry]:
        """Yield what every room has beyond the memory."""
        before = ""
        while before is not None:
            page = self._chat.get("/rooms", before=before)
            for item in page["rooms"]:
                room_id, head = item["room"]["id"], item["head_seq"]
                if self._seen.get(room_id, 0) > head:  # the chat was restored from a backup
                    self._seen[room_id] = head
                yield from self._of_room(room_id, head)
            before = page["next"]

    def _of_room(self, room_id: str, head: int, begin_at: int | None = None) -> Iterator[Entry]:
        """Yield the entries up to `head`; of an unknown room those after `begin_at`, or `head`."""
        if room_id not in self._seen:
            known = head if begin_at is None else begin_at
            self._note(room_id, 0 if self._from_beginning else known)
        while self._seen[room_id] < head:
            found = self._read(room_id)
            if found is None:  # the bot is no longer in the room
                del self._seen[room_id]
                return
            for entry in found:
                yield entry
                self._note(room_id, entry["seq"])

    def _read(self, room_id: str) -> list[Entry] | None:
        try:
            page = self._chat.get(f"/rooms/{room_id}/log", after=self._seen[room_id], limit=STEP)
        except ChatError as error:
            if error.code in ("not_found", "forbidden"):
                return None
            raise
        entries: list[Entry] = page["entries"]
        return entries

    def _note(self, room_id: str, seq: int) -> None:
        self._seen[room_id] = seq
        self._memory.save(self._seen)

    def _listen(self) -> None:
        """Connect, and connect again, for ever. Each connection begins with `hello`."""
        while True:
            client = socketio.Client(reconnection=False)
            client.on("*", lambda event, payload=None: self._hints.put((event, payload)))
            try:
                client.connect(
                    self._chat.url, auth={"token": self._chat.token}, transports=["websocket"]
                )
                client.wait()
            except socketio.exceptions.ConnectionError:
                self._hints.put((REFUSED, None))
            time.sleep(random.uniform(1, 3))  # noqa: S311
