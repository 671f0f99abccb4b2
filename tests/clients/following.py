"""Bots that follow with the Python client, and their line to the chat."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from typing import Any

from tests.faults.proxy import Proxy
from tests.helpers.servers import ROOT
from tests.helpers.world import Person

SOURCE = ROOT / "clients/python/src"
sys.path.insert(0, str(SOURCE))

from real_time_chat import Chat, ChatError, FileMemory  # noqa: E402
from real_time_chat.listening import Listener  # noqa: E402
from real_time_chat.news import News, Newsboard  # noqa: E402

__all__ = [
    "SOURCE",
    "Chat",
    "ChatError",
    "FileMemory",
    "Following",
    "LineToChat",
    "Listener",
    "News",
    "Newsboard",
    "bot_of",
]


def bot_of(person: Person, url: str = "", **options: Any) -> Chat:
    """Return the chat as a new bot of somebody sees it, at `url` or at their server."""
    username = f"robby-{person.username}"[:32]
    made = person.post("/bots", {"username": username}).json()
    return Chat(url or person.server.url, made["token"], **options)


class Following:
    """A bot that follows, in a thread of its own."""

    def __init__(self, chat: Chat, memory: FileMemory, **options: Any):
        self.entries: list[Any] = []
        self.error: Exception | None = None
        self._following = chat.follow(memory, **options)
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def _take(self) -> None:
        try:
            for entry in self._following:
                self.entries.append(entry)
                if self._is_stopped.is_set():
                    break
            self._following.close()
        except ChatError as error:
            self.error = error

    def stop(self) -> None:
        """Stop within the next entry, which comes again after a start."""
        self._is_stopped.set()

    @property
    def bodies(self) -> list[str]:
        return [entry["message"]["body"] for entry in list(self.entries)]

    def of_room(self, room_id: str) -> list[int]:
        """Return the seqs of a room's entries, as they came."""
        return [entry["seq"] for entry in list(self.entries) if entry["room_id"] == room_id]


class LineToChat:
    """A proxy to a chat in a thread of its own, for clients that block."""

    def __init__(self, port: int):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.proxy = Proxy(port)
        asyncio.run_coroutine_threadsafe(self.proxy.start(), self._loop).result(10)
        self.url = self.proxy.url

    def do(self, action: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Return what a method of the proxy returns, called where the proxy runs."""

        async def call() -> Any:
            return action(*args, **options)

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result(10)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.proxy.stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
