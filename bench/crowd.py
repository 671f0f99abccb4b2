"""Many WebSockets in one process, on the standard library's selectors.

It must cost less CPU than the server that it measures.
"""

from __future__ import annotations

import base64
import json
import os
import selectors
import socket
import time
from collections.abc import Callable

from chat.realtime.transport import frames


def masked(text: str) -> bytes:
    """Return a text frame as clients send it, with a mask of zeros: valid, and costs nothing."""
    payload = text.encode()
    size = len(payload)
    head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + bytes(4) + payload


class Member:
    """One socket, open when it has received `until`.

    It then calls `heard` with each text that arrives.
    """

    def __init__(
        self,
        port: int,
        heard: Callable[[Member, bytes], None],
        auth: object = None,
        until: bytes = b'40{"sid"',
    ):
        self.heard, self._buffer = heard, b""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self._wait_for(b"maxPayload")
        self.say("40" + (json.dumps(auth) if auth else ""))
        self._wait_for(until)
        self._buffer = b""
        self.socket.setblocking(False)

    def _wait_for(self, words: bytes) -> None:
        while words not in self._buffer:
            data = self.socket.recv(4096)
            if not data or not (self._buffer + data).startswith(b"HTTP/1.1 101"):
                raise ConnectionError((self._buffer + data)[:200])
            self._buffer += data

    def say(self, text: str) -> None:
        self.socket.sendall(masked(text))

    def read(self) -> None:
        data = self._buffer + self.socket.recv(262_144)
        at, end = 0, len(data)
        while end - at >= 2:
            size, start = data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            if start + size > end:
                break
            if data[at] == 0x80 | frames.TEXT:
                self.heard(self, data[start : start + size])
            at = start + size
        self._buffer = data[at:]


class Crowd:
    """The members, whose sockets are read until a condition holds."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self._selector = selectors.DefaultSelector()

    def add(self, member: Member) -> None:
        self.members.append(member)
        self._selector.register(member.socket, selectors.EVENT_READ, member)

    def until(self, holds: Callable[[], bool], seconds: float = 60) -> None:
        """Read until the condition holds. Raises TimeoutError when it does not hold in time."""
        end = time.monotonic() + seconds
        while not holds():
            for key, _ in self._selector.select(0.05):
                key.data.read()
            if time.monotonic() > end:
                raise TimeoutError

    def leave(self) -> None:
        for member in self.members:
            self._selector.unregister(member.socket)
            member.socket.close()
        self.members = []
