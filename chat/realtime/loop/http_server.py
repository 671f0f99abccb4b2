"""eventlet's web server, made strict about the syntax of HTTP, and with deadlines.

eventlet provides greenlets, answers, keep-alive and shutdown. Our modules read requests
(reading.py, request_body.py, http/syntax.py) and accept connections (accepting.py).
"""

from __future__ import annotations

import contextlib
import io
import logging
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPMessage
from typing import Any

import eventlet
import eventlet.wsgi

from chat.realtime.http import syntax as http_syntax
from chat.realtime.http.connections import STOP_COUNTING, Connections
from chat.realtime.http.syntax import Head, NotHttp
from chat.realtime.loop.accepting import Listener, Pool
from chat.realtime.loop.reading import Patience, TimedReader
from chat.realtime.loop.request_body import Body
from chat.realtime.rare_log import RareLog

LINGER_SECONDS = 2.0  # to read on after an answer that we sent before the request's end
# Bytes to read and discard. If they stayed unread, the kernel would reset the connection and lose
# the answer.
LINGER_BYTES = 16_777_216

Headers = Iterable[tuple[str, str]]

logger = logging.getLogger(__name__)


@dataclass
class Service:
    """The state that all connections of one server share.

    `headers`: for the answers that the server gives itself, without the application.
    """

    connections: Connections
    headers: Headers = ()
    patience: Patience = field(default_factory=Patience)
    log: RareLog = field(default_factory=lambda: RareLog(logger))


def serve(
    listener: Any,
    app: Any,
    *,
    most_sockets: int,
    most_of_network: int | None = None,
    headers: Headers = (),
    make_room: Callable[[], bool] = lambda: False,
    patience: Patience | None = None,
) -> None:
    """Serve the WSGI application until this greenlet is killed. Yields.

    `most_of_network`: plain HTTP connections of one network; None: no limit. See Listener, too.
    """
    service = Service(Connections(most_of_network), tuple(headers), patience or Patience())
    accepting = Listener(
        listener, service.connections, service.log, most_sockets=most_sockets, make_room=make_room
    )
    eventlet.wsgi.server(
        accepting,
        app,
        protocol=partial(Protocol, service),
        custom_pool=Pool(2 * most_sockets),
        socket_timeout=service.patience.write,
        keepalive=service.patience.idle,
        log_output=False,
        debug=False,
    )


class Protocol(eventlet.wsgi.HttpProtocol):  # type: ignore[misc]
    """One connection, and its requests one after the other."""

    rfile: io.BufferedReader
    body: Body
    minimum_chunk_size = 1  # an event of a stream leaves at once, however short

    def __init__(self, service: Service, conn_state: list[Any], server: Any):
        self._service = service
        super().__init__(conn_state, server)

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self._reader = TimedReader(self.connection, self._service.patience)
        self.rfile = io.BufferedReader(self._reader)
        self._reader.give(self._service.patience.header)

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # the client hung up, or does not read its answer
            self.close_connection = 1
        except Exception:  # eventlet would print the exception instead of logging it
            logger.error("a connection failed", exc_info=True)

    def finish(self) -> None:
        self._service.connections.gone(self.request)
        with contextlib.suppress(OSError):
            super().finish()

    def handle_one_request(self) -> None:
        self.protocol_version = "HTTP/1.1"
        self.request_version = "HTTP/1.1"
        self.close_connection = 1
        try:
            head = self._read_head()
        except NotHttp as mistake:
            self._refuse(str(mistake), mistake.status)
            return
        except TimeoutError:
            if self._reader.began:
                self._refuse("The request did not come in time.", "408 Request Timeout")
            return
        except OSError:
            return
        if head is None or not self._service.connections.works(self.request):
            return
        self.conn_state[2] = eventlet.wsgi.STATE_REQUEST
        self._take(head)
        self.environ = self.get_environ()
        self.application = self._answer
        self.handle_one_response()
        if not self.close_connection:
            self._reader.give(self._service.patience.idle)
            self._service.connections.rests(self.request)
        elif self.body.is_unread:
            self._linger()

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        expects = environ.get("HTTP_EXPECT", "").lower() == "100-continue"
        self.body = Body(
            self.rfile,
            self._reader,
            None if self.head.chunked else self.head.length or 0,
            self.connection,
            self.wfile if expects and self.head.version == "HTTP/1.1" else None,
        )
        environ["wsgi.input"] = self.body
        environ["eventlet.input"] = self.body
        environ[STOP_COUNTING] = self._stop_counting
        return environ

    def _stop_counting(self) -> None:
        self._service.connections.gone(self.request)
        self.close_connection = 1

    def _read_head(self) -> Head | None:
        """Return the next request; None at the end. Raises NotHttp, TimeoutError, OSErrors."""
        self._reader.began = bool(self.rfile.peek(1))
        if self._reader.began:
            self._reader.give(self._service.patience.header, at_most=True)
        head = None
        size = 0
        while line := self.rfile.readline(http_syntax.LONGEST_LINE + 1):
            size += len(line)
            if len(line) > http_syntax.LONGEST_LINE:
                raise http_syntax.line_too_long(of_request=head is None)
            if size > http_syntax.MOST_HEADER_BYTES:
                raise http_syntax.header_too_large()
            if not line.endswith(b"\n"):
                return None  # the client hung up
            if head is None:
                head = Head(line)
            elif line == http_syntax.END:
                return head.finish()
            else:
                head.add(line)
        return None

    def _take(self, head: Head) -> None:
        """Set the attributes that eventlet itself sets once it has read a header."""
        self.head = head
        self.close_connection = int(head.wants_close)
        self.command = head.method
        self.request_version = head.version
        # As http.server does: "//host" must not become another host's address.
        self.path = "/" + head.target.lstrip("/")
        self.requestline = ""  # strangers' text must not reach a log
        self.headers = HTTPMessage()
        for name, value in head.fields:
            self.headers[name] = value

    def _answer(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Return the application's answer.

        A long body that the application did not read ends the connection.
        """

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            if self.body.is_too_much_to_discard:
                self.close_connection = 1
            return start_response(status, headers, exc_info)

        try:
            answer: Iterable[bytes] = self.server.app(environ, start)
        except Exception:
            logger.error("the application failed", exc_info=True)
            self.close_connection = 1
            plain = ("Content-Type", "text/plain; charset=utf-8")
            start("500 Internal Server Error", [plain, *self._service.headers])
            return [b"Something went wrong on our side.\n"]
        return answer

    def _refuse(self, sentence: str, status: str) -> None:
        """Answer an invalid request, and read nothing more: nobody knows where the request ends."""
        address = eventlet.wsgi.addr_to_host_port(self.client_address)[0]
        self._service.log.info(
            "a request was refused", status=status, reason=sentence, address=address
        )
        body = f"{sentence}\n".encode()
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
            ("Date", eventlet.wsgi.format_date_time(time.time())),
            *self._service.headers,
        ]
        self.wfile.write(http_syntax.head_of_answer(status, headers) + body)
        self._linger()

    def _linger(self) -> None:
        """Read on briefly: otherwise a client that is still sending loses the answer."""
        with contextlib.suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_WR)
            self._reader.give(LINGER_SECONDS)
            left = LINGER_BYTES
            while left > 0 and (data := self.rfile.read1(65_536)):
                left -= len(data)
