"""One request to a receiver: to an allowed address, with an end, never redirected."""

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

from chat.utils.outward import addresses
from chat.utils.outward.networks import Network

LONGEST_NUMBER = 9  # digits
IDLE_SECONDS = 30.0  # connections stay open for so long
MOST_KEPT = 8  # open connections of one thread
PORTS = {"https": 443, "http": 80}
CUT_EVERY = 0.2  # seconds

Place = tuple[str, str, int]  # scheme, host, port


class Limits(NamedTuple):
    """What one request may take."""

    seconds: float  # from its beginning to the end of its answer
    longest_answer: int  # bytes that are read
    longest_said: int  # bytes of these that are kept


class Answer(NamedTuple):
    """What a receiver said. `retry_after`: seconds, 0 if it named none."""

    status: int
    retry_after: int
    said: str


class Connections:
    """The open connections of one thread: of its latest receivers, one of each."""

    def __init__(self, allowed: Sequence[Network], limits: Limits):
        self._allowed = allowed
        self._limits = limits
        self._context = ssl.create_default_context()
        # The oldest first, each with the moment at which its idle time is over.
        self._open: dict[Place, tuple[http.client.HTTPConnection, float]] = {}

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        """Send a request. Raises OSError, HTTPException."""
        parts = urlsplit(url)
        place = parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme]
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        until = time.monotonic() + self._limits.seconds

        def ask(connection: http.client.HTTPConnection) -> Answer:
            try:
                with _ending(connection.sock, until):
                    answer, stays = self._ask(connection, path, body, headers, until)
            except (OSError, http.client.HTTPException):
                _must_be_in_time(until)  # it may have been cut, which looks like any other end
                raise
            if stays:
                self._keep(place, connection)
            return answer

        self._close_idle()
        kept, _until = self._open.pop(place, (None, 0.0))
        if kept:  # the receiver may have closed it meanwhile: then nothing was sent
            with contextlib.suppress(http.client.RemoteDisconnected, ConnectionError, ssl.SSLError):
                return ask(kept)
            kept.close()
        return ask(self._connect(place, until))

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        path: str,
        body: bytes,
        headers: dict[str, str],
        until: float,
    ) -> tuple[Answer, bool]:
        """Return the answer, and whether the connection stays open."""
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            said = response.read(self._limits.longest_answer + 1)
            _must_be_in_time(until)  # what was cut may look like an answer that ended
        except BaseException:
            connection.close()
            raise
        stays = len(said) <= self._limits.longest_answer and not response.will_close
        if not stays:
            connection.close()
        waits = _seconds(response.headers.get("Retry-After", ""))
        text = said[: self._limits.longest_said].decode("utf-8", "replace")
        return Answer(response.status, waits, text), stays

    def _connect(self, place: Place, until: float) -> http.client.HTTPConnection:
        scheme, host, port = place
        seconds = self._limits.seconds
        plain = addresses.connect(host, port, self._allowed, until)
        plain.settimeout(seconds)
        # A request is two writes, and the second one must not wait for the receiver's ACK.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if scheme == "http":
            connection = http.client.HTTPConnection(host, port, timeout=seconds)
            connection.sock = plain
            return connection
        line = self._context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
        try:
            with _ending(line, until):
                line.do_handshake()
        except BaseException:
            line.close()
            raise
        connection = http.client.HTTPSConnection(host, port, timeout=seconds)
        connection.sock = line
        return connection

    def _keep(self, place: Place, connection: http.client.HTTPConnection) -> None:
        self._open[place] = (connection, time.monotonic() + IDLE_SECONDS)
        if len(self._open) > MOST_KEPT:
            self._close(next(iter(self._open)))

    def _close_idle(self) -> None:
        moment = time.monotonic()
        for place in [each for each, (_, until) in self._open.items() if until < moment]:
            self._close(place)

    def _close(self, place: Place) -> None:
        connection, _until = self._open.pop(place)
        connection.close()


def _must_be_in_time(until: float) -> None:
    if time.monotonic() >= until:
        raise TimeoutError("the answer did not end in time")


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
    """Cut the connections whose time is over, again and again, for ever."""
    while True:
        time.sleep(CUT_EVERY)
        for line, until in list(_ends.items()):
            if until < time.monotonic():
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)


def watch() -> None:
    """Begin to cut connections whose time is over."""
    threading.Thread(target=cut_late_ones, daemon=True).start()
