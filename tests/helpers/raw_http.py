"""HTTP by the byte, for requests that no client library would send."""

from __future__ import annotations

import socket
from dataclasses import dataclass


@dataclass
class Answer:
    status: int
    headers: dict[str, str]  # by name in small letters
    rest: bytes  # the body, and whatever came after it

    @classmethod
    def of(cls, data: bytes) -> Answer:
        head, _, rest = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        return cls(
            int(first.split()[1]), {name.lower(): value for name, value in headers.items()}, rest
        )


def open_line(port: int, seconds: float = 10) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), seconds)


def read_to_end(line: socket.socket) -> bytes:
    """Return everything until the server closes. Raises TimeoutError when it does not."""
    data = b""
    try:
        while more := line.recv(65_536):
            data += more
    except ConnectionResetError:
        pass  # it hung up before it had read all
    return data


def say(port: int, data: bytes, seconds: float = 10) -> bytes:
    """Send, and return the answer until the server closes."""
    with open_line(port, seconds) as line:
        line.sendall(data)
        return read_to_end(line)


def read_answer(line: socket.socket) -> Answer:
    """Return one answer with a Content-Length, and nothing of the next on its connection."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        more = line.recv(1)
        if not more:
            raise ConnectionError(f"closed after {data!r}")
        data += more
    answer = Answer.of(data)
    while len(answer.rest) < int(answer.headers.get("content-length", 0)):
        answer.rest += line.recv(int(answer.headers["content-length"]) - len(answer.rest))
    return answer
