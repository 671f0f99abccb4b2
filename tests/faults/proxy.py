"""A line to the chat that can go dead: open at both ends, and nothing comes through any more."""

from __future__ import annotations

import asyncio
import contextlib

CHUNK = 65_536


class Proxy:
    def __init__(self, port: int):
        self._port = port  # of the chat
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self.url = ""

    async def start(self) -> Proxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def go_dead(self) -> None:
        """What is connected now stays so and carries nothing; who connects anew comes through."""
        for line in self._lines:
            line.cancel()
        self._lines.clear()

    async def stop(self) -> None:
        assert self._server
        self.go_dead()
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.close()
            return
        for source, target in ((reader, there_writer), (there_reader, writer)):
            line = asyncio.create_task(_carry(source, target))
            self._lines.add(line)
            line.add_done_callback(self._lines.discard)


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Until either end closes; cancelled, it leaves both open."""
    with contextlib.suppress(OSError):
        while (data := await source.read(CHUNK)) and not target.is_closing():
            target.write(data)
            await target.drain()
    target.close()
