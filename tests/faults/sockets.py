"""A Socket.IO client that preserves the order of events and is cheap.

Forty of them fit beside the chat on two cores.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

OPEN_SECONDS = 5.0
OPEN, CLOSE, PING, PONG = b"0", b"1", b"2", b"3"
CONNECT, DISCONNECT, EVENT, ACK, REFUSED = b"40", b"41", b"42", b"43", b"44"


class Cut(Exception):
    """The error when there is no connection, or no longer one."""


class Socket:
    """One connection.

    It calls `heard(event, payload)` in the order of arrival; `heard` must not block.
    """

    def __init__(self, line: ClientConnection, heard: Callable[[str, Any], None]):
        self._line, self._heard = line, heard
        self._numbers = itertools.count(1)
        self._calls: dict[int, asyncio.Future[Any]] = {}
        self.told_to_go = False
        self.heard_at = time.monotonic()

    @classmethod
    async def open(
        cls,
        url: str,
        token: str,
        heard: Callable[[str, Any], None],
        through: int | None = None,
        source: str | None = None,
    ) -> Socket:
        """Open a connection. Raises Cut, also when the chat refuses it now.

        `through`: the port of a proxy; `source`: an address of its own.
        """
        address = url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
        try:
            line = await connect(
                address,
                compression=None,
                ping_interval=None,
                max_queue=None,
                max_size=None,
                close_timeout=0.2,
                open_timeout=OPEN_SECONDS,
                proxy=None,
                local_addr=(source, 0) if source else None,
                **({"port": through} if through else {}),
            )
            socket = cls(line, heard)
            async with asyncio.timeout(OPEN_SECONDS):
                opening = orjson.loads((await line.recv(decode=False))[1:])
                socket._silence = (opening["pingInterval"] + opening["pingTimeout"]) / 1000
                await line.send(CONNECT + orjson.dumps({"token": token}), text=True)
                answer = await line.recv(decode=False)
        except (OSError, WebSocketException, TimeoutError) as error:
            raise Cut(str(error)) from error
        if not answer.startswith(CONNECT):
            await line.close()
            raise Cut(answer.decode())
        return socket

    async def listen(self) -> None:
        """Receive until the connection has ended, for whatever reason."""
        try:
            while True:
                async with asyncio.timeout(self._silence):
                    packet = await self._line.recv(decode=False)
                self.heard_at = time.monotonic()
                await self._take(packet)
        except ConnectionClosed as closed:
            self.told_to_go |= closed.rcvd is not None
        except (WebSocketException, OSError):
            pass  # cut, or silent: to its owner it is all one
        finally:
            self._end_calls()
            self._line.transport.abort()

    async def call(self, event: str, payload: Any, seconds: float) -> Any:
        """Return the acknowledgement. Raises Cut, TimeoutError."""
        number = next(self._numbers)
        answer = self._calls[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await self._line.send(
                    b"%b%d%b" % (EVENT, number, orjson.dumps([event, payload])), text=True
                )
                found = await answer
        except TimeoutError:  # an OSError too, but the line is there
            raise
        except (WebSocketException, OSError) as error:
            raise Cut from error
        finally:
            self._calls.pop(number, None)
        if found is None:
            raise Cut
        return found

    def hang_up(self) -> None:
        """Close the connection at once, without a close frame."""
        self._line.transport.abort()

    async def _take(self, packet: bytes) -> None:
        kind = packet[:2]
        if kind == EVENT:
            self._heard(*orjson.loads(packet[2:]))
        elif kind == ACK:
            number, _, content = packet[2:].partition(b"[")
            if (answer := self._calls.get(int(number))) and not answer.done():
                answer.set_result(orjson.loads(b"[" + content)[0])
        elif packet == PING:
            await self._line.send(PONG, text=True)
        elif kind == DISCONNECT or packet == CLOSE:
            self.told_to_go = True
            self._line.transport.abort()

    def _end_calls(self) -> None:
        for answer in self._calls.values():
            if not answer.done():
                answer.set_result(None)
