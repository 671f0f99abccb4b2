"""Ask another server over HTTP, within limits: of time, of size, and without redirects."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import orjson

SECONDS = 8.0  # for the whole exchange
LONGEST_ANSWER = 262_144  # bytes


class NoAnswer(Exception):
    """The other server gave no usable answer; the text says why, for the operator's log."""


class Answer:
    """An answer: its status, and its body."""

    def __init__(self, status: int, body: bytes):
        self.status = status
        self.body = body

    def object(self) -> dict[str, Any]:
        """Return the JSON object of the body. Raises NoAnswer."""
        try:
            found = orjson.loads(self.body)
        except ValueError:
            raise NoAnswer(f"status {self.status}, and no JSON") from None
        if not isinstance(found, dict):
            raise NoAnswer(f"status {self.status}, and no object in JSON")
        return found


def ask(
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
) -> Answer:
    """Return the answer of a GET, or of a POST with `body`. Raises NoAnswer.

    Sockets yield to the event loop. A slow server cannot hold a request for longer than `seconds`,
    however it divides its answer.
    """
    connection = _connection(url, seconds)
    until = time.monotonic() + seconds  # before the timer begins, which may be ahead of this thread
    late = threading.Timer(seconds, _hang_up, (connection,))
    late.daemon = True
    late.start()
    try:
        connection.request(
            "GET" if body is None else "POST",
            _target(url),
            body=body,
            headers={"Accept": "application/json", "User-Agent": "real-time-chat"}
            | dict(headers or {}),
        )
        answer = _read(connection.getresponse())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}") from None
    finally:
        late.cancel()
        connection.close()
    if time.monotonic() > until:  # the end of the answer may be missing
        raise NoAnswer(f"it took longer than {seconds:.0f} s")
    return answer


def _connection(url: str, seconds: float) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, parts.port, timeout=seconds, context=_context())
    return http.client.HTTPConnection(host, parts.port, timeout=seconds)


@cache
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _target(url: str) -> str:
    parts = urlsplit(url)
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path


def _read(response: http.client.HTTPResponse) -> Answer:
    """Return the whole answer. Raises NoAnswer for a redirect, or a large one."""
    if 300 <= response.status < 400:
        raise NoAnswer(f"status {response.status}: redirects are not followed")
    body = response.read(LONGEST_ANSWER + 1)
    if len(body) > LONGEST_ANSWER:
        raise NoAnswer(f"more than {LONGEST_ANSWER} bytes")
    if response.length:
        raise NoAnswer(f"{response.length} bytes of the answer are missing")
    return Answer(response.status, body)


def _hang_up(connection: http.client.HTTPConnection) -> None:
    """End an exchange that takes too long: who waits for the other server gets the end."""
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
