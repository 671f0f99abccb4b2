"""Clients that can send anything: a WebSocket by the byte, polling by the request."""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

from chat.realtime.transport import frames
from tests.helpers.servers import ROOT, free_port, wait_until

TEXT = frames.TEXT
BINARY = frames.BINARY
CLOSE = frames.CLOSE
PING = frames.PING
PONG = frames.PONG


class Plain:
    """The plain app of tests/realtime/app.py in a process of its own."""

    def __init__(self, log: Path, *, descriptors: int | None = None, **options: Any):
        """Start the app. `descriptors`: how many file descriptors the system gives it."""
        self.port, self.log = free_port(), log
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = requests.Session()
        command = [sys.executable, "-m", "tests.realtime.app", str(self.port), json.dumps(options)]
        if descriptors:
            command = ["/bin/sh", "-c", f'ulimit -n {descriptors}; exec "$@"', "sh", *command]
        with log.open("ab") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
        try:
            wait_until(self.answers, "the app answers", 30)
        except AssertionError:
            self.stop()  # nobody else would
            raise

    def answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        try:
            return requests.get(self.url + "/up", timeout=1).ok
        except requests.RequestException:
            return False

    def stop(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    @property
    def state(self) -> Any:
        return self.http.get(self.url + "/state", timeout=10).json()

    def post(self, path: str, **body: Any) -> None:
        assert self.http.post(self.url + path, json=body, timeout=10).ok

    def goodbye(self, sid: str, seconds: float = 5) -> str:
        """Return the reason that the `disconnect` handler received."""
        found: list[str] = []

        def told() -> bool:
            found[:] = [
                goodbye["reason"] for goodbye in self.state["goodbyes"] if goodbye["sid"] == sid
            ]
            return bool(found)

        wait_until(told, "the disconnect handler is called", seconds)
        assert len(found) == 1, "once"
        return found[0]

    @property
    def complaints(self) -> str:
        """Return the log."""
        return self.log.read_text()

    # polling

    def get(self, sid: str | None = None, **query: str | None) -> requests.Response:
        return requests.get(self._address(sid, query), timeout=10)

    def push(self, sid: str | None, body: str | bytes, **query: str | None) -> requests.Response:
        data = body.encode() if isinstance(body, str) else body
        return requests.post(
            self._address(sid, query),
            data=data,
            headers={"Content-Type": "text/plain;charset=UTF-8"},
            timeout=10,
        )

    def poll_session(self, *, connected: bool = False) -> str:
        """Return a new polling session's sid.

        `connected`: in the main namespace, with its first packets read.
        """
        sid = str(json.loads(self.get().text[1:])["sid"])
        if connected:
            assert self.push(sid, "40").text == "ok"
            answer = ""
            while "auth" not in answer:
                answer += self.get(sid).text
        return sid

    def _address(self, sid: str | None, query: dict[str, str | None]) -> str:
        query = {"EIO": "4", "transport": "polling"} | ({"sid": sid} if sid else {}) | query
        return (
            self.url
            + "/socket.io/?"
            + "&".join(f"{name}={value}" for name, value in query.items() if value is not None)
        )


class Line:
    """A WebSocket of which every bit can be set."""

    def __init__(
        self,
        port: int,
        query: str = "EIO=4&transport=websocket",
        *,
        headers: str = "",
        receive_buffer: int = 0,
    ):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /socket.io/?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n".encode()
        )
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self._more()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        self.head = head.decode()
        self.status = int(self.head.split()[1])

    def _more(self) -> bytes:
        data = self.socket.recv(65_536)
        if not data:
            raise ConnectionError("closed")
        return data

    def _take(self, size: int) -> bytes:
        while len(self.buffer) < size:
            self.buffer += self._more()
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def frame(self) -> tuple[int, bytes]:
        first, size = self._take(2)
        assert first & 0x80, "the server never fragments"
        assert not size & 0x80, "and never masks"
        if size == 126:
            size = struct.unpack("!H", self._take(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", self._take(8))[0]
        return first & 0x0F, self._take(size)

    def next(self) -> str | bytes:
        """Return the next message that is no Engine.IO ping; it answers pings."""
        while True:
            opcode, payload = self.frame()
            if opcode == BINARY:
                return payload
            assert opcode == TEXT, (opcode, payload)
            if payload != b"2":
                return payload.decode()
            self.send("3")

    def until(self, beginning: str) -> str:
        while True:
            message = self.next()
            if isinstance(message, str) and message.startswith(beginning):
                return message

    def ended(self, seconds: float = 2) -> int:
        """Return the close code, after which the server closes; it skips the messages before."""
        self.socket.settimeout(seconds)
        code = None
        try:
            while True:
                opcode, payload = self.frame()
                if opcode == CLOSE:
                    code = int.from_bytes(payload[:2], "big")
        except ConnectionError:
            assert code is not None, "no close frame"
            return code

    def send(self, text: str) -> None:
        self.send_frame(TEXT, text.encode())

    def send_frame(
        self,
        opcode: int,
        payload: bytes = b"",
        *,
        whole: bool = True,
        reserved: int = 0,
        masked: bool = True,
    ) -> None:
        self.socket.sendall(frame(opcode, payload, whole=whole, reserved=reserved, masked=masked))

    def close(self) -> None:
        self.socket.close()


def frame(
    opcode: int, payload: bytes, *, whole: bool = True, reserved: int = 0, masked: bool = True
) -> bytes:
    """Return a frame as clients send it."""
    head = bytes((whole << 7 | reserved << 4 | opcode,))
    size, bit = len(payload), masked << 7
    if size < 126:
        head += bytes((bit | size,))
    elif size < 65_536:
        head += bytes((bit | 126,)) + struct.pack("!H", size)
    else:
        head += bytes((bit | 127,)) + struct.pack("!Q", size)
    if not masked:
        return head + payload
    mask = secrets.token_bytes(4)
    return head + mask + frames.unmask(payload, mask)


class Talker(Line):
    """A WebSocket in the main namespace."""

    def __init__(self, app: Plain, auth: Any = None, **options: Any):
        super().__init__(app.port, **options)
        assert self.status == 101, self.head
        self.opening = json.loads(str(self.next())[1:])
        self.send("40" + (json.dumps(auth) if auth is not None else ""))
        self.sid = json.loads(self.until("40")[2:])["sid"]
        self.until('42["auth"')
        self._numbers = 0

    def event(self, *content: Any) -> None:
        self.send("42" + json.dumps(content))

    def call(self, *content: Any) -> Any:
        """Return the acknowledgement's arguments."""
        self._numbers += 1
        self.send(f"42{self._numbers}" + json.dumps(content))
        return json.loads(self.until(f"43{self._numbers}[")[2 + len(str(self._numbers)) :])

    def hears(self, event: str) -> Any:
        return json.loads(self.until(f'42["{event}"')[2:])[1:]
