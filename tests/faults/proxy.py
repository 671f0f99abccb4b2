"""A proxy for connections to a server that can go dead while open, or be closed."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

CHUNK = 65_536
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a RST


@dataclass(eq=False)
class Line:
    """One connection.

    `first` and `last` are what its client sent first and last, at the monotonic time `at`.
    """

    to_client: asyncio.StreamWriter
    first: bytes = b""
    last: bytes = b""
    at: float = 0.0


Which = Callable[[Line], bool]


def every(_: Line) -> bool:
    return True


class Proxy:
    def __init__(self, port: int):
        self._port = port  # of the server
        self._server: asyncio.Server | None = None
        self._carrying: dict[asyncio.Task[None], Line] = {}
        self.url = ""

    async def start(self) -> Proxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def go_dead(self, which: Which = every) -> set[Line]:
        """Stop the traffic of all open connections without closing them; return these lines.

        New connections work.
        """
        dead = {task: line for task, line in self._carrying.items() if which(line)}
        for task in dead:
            task.cancel()
            del self._carrying[task]
        return set(dead.values())

    def hang_up(self, which: Which = every, *, reset: bool) -> None:
        """Close all open connections towards the clients, with a FIN or a RST.

        Towards the server they go dead.
        """
        for line in self.go_dead(which):
            if reset and not line.to_client.is_closing():
                line.to_client.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, RESET
                )
            line.to_client.close()

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
        line = Line(writer)
        for work in (_carry(reader, there_writer, line), _carry(there_reader, writer)):
            task = asyncio.create_task(work)
            self._carrying[task] = line
            task.add_done_callback(lambda done: self._carrying.pop(done, None))


async def _carry(
    source: asyncio.StreamReader, target: asyncio.StreamWriter, line: Line | None = None
) -> None:
    """Forward until either end closes; when cancelled, leave both open.

    `line` records what passes.
    """
    with contextlib.suppress(OSError):
        while (data := await source.read(CHUNK)) and not target.is_closing():
            if line:
                line.first, line.last, line.at = line.first or data, data, time.monotonic()
            target.write(data)
            await target.drain()
    target.close()
