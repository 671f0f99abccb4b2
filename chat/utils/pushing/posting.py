"""One request to a push service: over TLS, to an allowed address, with an end, never redirected."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from chat.utils.pushing import addresses

SECONDS = 10.0  # from the beginning of a request to the end of its answer
LONGEST_ANSWER = 4096  # bytes; push services explain a refusal in fewer
LONGEST_SAID = 200  # characters of it in the log
LONGEST_NUMBER = 9  # digits
IDLE_SECONDS = 30.0  # connections stay open for so long
PORT = 443


class Answer(NamedTuple):
    """What a push service said. `retry_after`: seconds, 0 if it named none."""

    status: int
    retry_after: int
    said: str


class Connections:
    """The open connections of one thread, at most one per push service."""

    def __init__(self, allowed: Sequence[addresses.Network]):
        self._allowed = allowed
        self._context = ssl.create_default_context()
        self._open: dict[tuple[str, int], tuple[http.client.HTTPSConnection, float]] = {}

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        """Send a request. Raises OSError, HTTPException."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORT
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        until = time.monotonic() + SECONDS
        kept = self._take(host, port)
        if kept:  # the service may have closed it meanwhile: then nothing was sent
            with contextlib.suppress(http.client.RemoteDisconnected, ConnectionError, ssl.SSLError):
                return self._ask(kept, path, body, headers, until)
            kept.close()
        return self._ask(self._connect(host, port), path, body, headers, until)

    def _ask(
        self,
        connection: http.client.HTTPSConnection,
        path: str,
        body: bytes,
        headers: dict[str, str],
        until: float,
    ) -> Answer:
        with _ending(connection.sock, until):
            try:
                connection.request("POST", path, body, headers)
                response = connection.getresponse()
                said = response.read(LONGEST_ANSWER + 1)
            except BaseException:
                connection.close()
                raise
        if len(said) > LONGEST_ANSWER or response.will_close:
            connection.close()
        else:
            key = (connection.host, int(connection.port))
            self._open[key] = (connection, time.monotonic() + IDLE_SECONDS)
        waits = _seconds(response.headers.get("Retry-After", ""))
        return Answer(response.status, waits, said[:LONGEST_SAID].decode("ascii", "replace"))

    def _connect(self, host: str, port: int) -> http.client.HTTPSConnection:
        plain = addresses.connect(host, port, self._allowed, SECONDS / 2)
        try:
            line = self._context.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise
        connection = http.client.HTTPSConnection(host, port, timeout=SECONDS)
        connection.sock = line
        return connection

    def _take(self, host: str, port: int) -> http.client.HTTPSConnection | None:
        connection, until = self._open.pop((host, port), (None, 0.0))
        if connection and until < time.monotonic():
            connection.close()
            return None
        return connection


def _seconds(text: str) -> int:
    """Return the seconds of a Retry-After; 0 for a date, or for anything else."""
    is_number = text.isascii() and text.isdecimal() and len(text) < LONGEST_NUMBER
    return int(text) if is_number else 0


_ends: dict[socket.socket, float] = {}


@contextlib.contextmanager
def _ending(line: socket.socket, until: float) -> Iterator[None]:
    """Cut a connection when its time is over: a timeout of its own begins again with each byte."""
    _ends[line] = until
    try:
        yield
    finally:
        _ends.pop(line, None)


def cut_late_ones() -> None:
    """Cut the connections whose time is over, once a second, for ever."""
    while True:
        time.sleep(1)
        for line, until in list(_ends.items()):
            if until < time.monotonic():
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)


def watch() -> None:
    """Begin to cut connections whose time is over."""
    threading.Thread(target=cut_late_ones, daemon=True).start()
