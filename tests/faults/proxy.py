"""A proxy for connections to a server that go dead, or are closed, broken off or slow."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

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
    left: int | None = None  # bytes until the answer that passes is broken off; None: it is not


Which = Callable[[Line], bool]


def every(_: Line) -> bool:
    return True


class Proxy:
    def __init__(self, port: int):
        self._port = port  # of the server
        self.delay = 0.0  # seconds by which everything comes later at the server
        self._server: asyncio.Server | None = None
        self._carrying: dict[asyncio.Task[None], Line] = {}
        self._breaks: tuple[Which, int] | None = None
        self.has_broken_off = False  # an answer, since it was told to
        self.is_dead = False  # new connections are taken, and nothing passes
        self.swallowed: list[Line] = []  # these
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

    def break_off(self, which: Which, after: int) -> None:
        """Close a connection once its answer has passed this many bytes; then do so no more.

        Breaks the first one for whose latest request `which` is true.
        """
        self._breaks = which, after
        self.has_broken_off = False

    async def stop(self) -> None:
        assert self._server
        self.go_dead()
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(writer)
        if self.is_dead:
            self.swallowed.append(line)
            return
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.close()
            return
        up = _carry(reader, there_writer, line, self._note, lambda: self.delay)
        down = _carry(there_reader, writer, line, self._shorten)
        for work in (up, down):
            task = asyncio.create_task(work)
            self._carrying[task] = line
            task.add_done_callback(lambda done: self._carrying.pop(done, None))

    def _note(self, line: Line, data: bytes) -> bytes:
        """Record what a client sends, and whether its answer is the one to break off."""
        line.first, line.last, line.at = line.first or data, data, time.monotonic()
        if self._breaks and self._breaks[0](line):
            line.left = self._breaks[1]
            self._breaks = None
        return data

    def _shorten(self, line: Line, data: bytes) -> bytes:
        """Return what passes of an answer; break it off where that is all."""
        if line.left is None:
            return data
        passing = data[: line.left]
        line.left -= len(passing)
        if not line.left:
            self.has_broken_off = True
            # Soon: only then this part is written.
            asyncio.get_running_loop().call_soon(partial(self.hang_up, _is(line), reset=False))
        return passing


def _is(line: Line) -> Which:
    return lambda other: other is line


async def _carry(
    source: asyncio.StreamReader,
    target: asyncio.StreamWriter,
    line: Line,
    passing: Callable[[Line, bytes], bytes],
    delay: Callable[[], float] = lambda: 0.0,
) -> None:
    """Forward what `passing` lets pass until either end closes; when cancelled, leave both open.

    `delay`: for how many seconds to hold it up.
    """
    with contextlib.suppress(OSError):
        while (data := await source.read(CHUNK)) and not target.is_closing():
            passed = passing(line, data)
            await asyncio.sleep(delay())
            target.write(passed)
            await target.drain()
    target.close()
