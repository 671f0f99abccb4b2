"""eventlet's web server as we need it: strict (http_syntax.py), with deadlines, and never out of descriptors.

What eventlet does well stays its own: greenlets, answers, keep-alive, the end. What reads is here.
"""

from __future__ import annotations

import contextlib
import errno
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

from chat.realtime import http_syntax
from chat.realtime.eventlet_body import Body
from chat.realtime.eventlet_reading import Patience, TimedReader
from chat.realtime.http_connections import Connections
from chat.realtime.http_syntax import Head, NotHttp
from chat.realtime.rare_log import RareLog

LISTENER_IS_GONE = frozenset({errno.EBADF, errno.EINVAL, errno.ENOTSOCK, errno.EOPNOTSUPP})
WAIT_SECONDS = 0.1         # for a descriptor; whoever has just come can say what they want meanwhile
ROUND_SECONDS = 0.001      # for one round of the loop, in which whoever was told to go gives its descriptor back
ACCEPTED_IN_A_ROW = 16     # connections; then everybody else has a turn
END_SECONDS = 4.0          # for requests that are being answered when the server is told to stop
LINGER_SECONDS = 2.0       # to read on, after an answer that came before the end of the request
LINGER_BYTES = 16_777_216  # unread, they would make the kernel take the answer back

Headers = Iterable[tuple[str, str]]

logger = logging.getLogger(__name__)


@dataclass
class Service:
    """What all connections of one server have in common. `headers`: of the answers that no application gives."""

    connections: Connections
    headers: Headers = ()
    patience: Patience = field(default_factory=Patience)
    log: RareLog = field(default_factory=lambda: RareLog(logger))


def serve(
    listener: Any, app: Any, *, most_sockets: int, most_of_network: int | None = None, headers: Headers = (),
    make_room: Callable[[], bool] = lambda: False, patience: Patience | None = None,
) -> None:
    """Serves the WSGI application until this greenlet is killed. Yields.

    `most_sockets`: descriptors from this number on are kept back. `most_of_network`: plain HTTP connections; None: no limit.
    `make_room`: closes what keeps a socket and is not HTTP any more, and returns whether there was anything.
    """
    service = Service(Connections(most_of_network), tuple(headers), patience or Patience())
    eventlet.wsgi.server(
        Listener(listener, service, most_sockets, make_room), app, protocol=partial(Protocol, service), log_output=False,
        custom_pool=Pool(2 * most_sockets), socket_timeout=service.patience.write, keepalive=service.patience.idle, debug=False,
    )


class Pool(eventlet.GreenPool):  # type: ignore[misc]
    """The greenlets of connections. At the end they are waited for, but not as long as a client likes."""

    def waitall(self) -> None:
        with eventlet.Timeout(END_SECONDS, False):
            super().waitall()


class Listener:
    """The listening socket as eventlet's server knows it. Its `accept` returns connections, whatever goes wrong meanwhile."""

    def __init__(self, listener: Any, service: Service, most_sockets: int, make_room: Callable[[], bool]):
        self._listener, self._connections, self._log = listener, service.connections, service.log
        self._most_sockets, self._make_room = most_sockets, make_room
        self._in_a_row = 0
        self._waited = False  # in vain, for a descriptor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._listener, name)

    def accept(self) -> tuple[Any, Any]:
        """Raises OSError only when the listening socket itself is gone. Yields."""
        while True:
            self._take_turns()
            try:
                taken, address = self._listener.accept()
            except OSError as error:
                if error.errno in LISTENER_IS_GONE:
                    raise
                self._go_on_after(error)
                continue
            self._waited = False
            if self._admits(taken, address):
                return taken, address
            taken.close()

    def _take_turns(self) -> None:
        self._in_a_row += 1
        if self._in_a_row % ACCEPTED_IN_A_ROW == 0:
            eventlet.sleep(0)

    def _go_on_after(self, error: OSError) -> None:
        """Out of descriptors or of memory: those who come wait. Where that does not help, somebody gives way."""
        if error.errno in (errno.ECONNABORTED, errno.EPROTO):
            return  # it hung up while it waited
        made_room = self._waited and (self._connections.close_oldest() or self._make_room())
        reason = errno.errorcode.get(error.errno or 0, "?")
        self._log.info("no connection can be accepted", reason=reason, made_room=made_room)
        eventlet.sleep(ROUND_SECONDS if made_room else WAIT_SECONDS)
        self._waited = not made_room

    def _admits(self, taken: Any, address: Any) -> bool:
        """The system gives out the lowest free number, so a high one says how many descriptors are in use."""
        if taken.fileno() >= self._most_sockets and not (self._connections.close_oldest() or self._make_room()):
            self._log.info("a connection was refused: there are as many as there may be", most_sockets=self._most_sockets)
            return False
        return self._connections.admit(taken, address[0] if isinstance(address, tuple) else "")


class Protocol(eventlet.wsgi.HttpProtocol):  # type: ignore[misc]
    """One connection: its requests, one after the other."""

    rfile: io.BufferedReader
    body: Body

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
        except OSError:  # it hung up, or does not take what it is sent
            self.close_connection = 1
        except Exception:  # it would be written to the terminal, and not as a line of the log
            logger.error("a connection failed", exc_info=True)

    def finish(self) -> None:
        self._service.connections.gone(self.request)
        with contextlib.suppress(OSError):
            super().finish()

    def handle_one_request(self) -> None:
        self.protocol_version = self.request_version = "HTTP/1.1"
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
        asked = self.head.version == "HTTP/1.1" and environ.get("HTTP_EXPECT", "").lower() == "100-continue"
        self.body = Body(
            self.rfile, self._reader, None if self.head.chunked else self.head.length or 0, self.connection, self.wfile if asked else None
        )
        environ["wsgi.input"] = environ["eventlet.input"] = self.body
        return environ

    def _read_head(self) -> Head | None:
        """The next request; None: there is none. Raises NotHttp, TimeoutError and other OSErrors."""
        self._reader.began = bool(self.rfile.peek(1))
        if self._reader.began:
            self._reader.give(self._service.patience.header, at_most=True)
        head, size = None, 0
        while line := self.rfile.readline(http_syntax.LONGEST_LINE + 1):
            size += len(line)
            if len(line) > http_syntax.LONGEST_LINE:
                raise http_syntax.line_too_long(of_request=head is None)
            if size > http_syntax.MOST_HEADER_BYTES:
                raise http_syntax.too_large(f"A header has at most {http_syntax.MOST_HEADER_BYTES} bytes.")
            if not line.endswith(b"\n"):
                return None  # it hung up
            if head is None:
                head = Head(line)
            elif line == http_syntax.END:
                return head.finish()
            else:
                head.add(line)
        return None

    def _take(self, head: Head) -> None:
        """As eventlet has it once it has read a header."""
        self.head, self.close_connection = head, int(head.wants_close)
        self.command, self.request_version = head.method, head.version
        self.path = "/" + head.target.lstrip("/")  # as http.server has it: "//host" must be no other host's address
        self.requestline = ""  # nothing of a stranger's goes to a log
        self.headers = HTTPMessage()
        for name, value in head.fields:
            self.headers[name] = value

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The application's answer. Where much of the body is unread it closes the connection instead of reading that."""
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            if self.body.is_too_much_to_discard:
                self.close_connection = 1
            return start_response(status, headers, exc_info)

        try:
            answer: Iterable[bytes] = self.server.app(environ, start)
        except Exception:
            logger.error("the application failed", exc_info=True)
            self.close_connection = 1
            start("500 Internal Server Error", [("Content-Type", "text/plain; charset=utf-8"), *self._service.headers])
            return [b"Something went wrong on our side.\n"]
        return answer

    def _refuse(self, sentence: str, status: str) -> None:
        """Answers what is no request. Nothing after it is looked at: where it ends is not known."""
        self._service.log.info("a request was refused", status=status, reason=sentence, address=self.get_client_address()[0])
        body = f"{sentence}\n".encode()
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))), ("Connection", "close"),
            ("Date", eventlet.wsgi.format_date_time(time.time())), *self._service.headers,
        ]
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        self.wfile.write(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1") + body)
        self._linger()

    def _linger(self) -> None:
        """Reads on for a moment, and throws it away: else the answer is lost to whoever is still sending."""
        with contextlib.suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_WR)
            self._reader.give(LINGER_SECONDS)
            left = LINGER_BYTES
            while left > 0 and (data := self.rfile.read1(65_536)):
                left -= len(data)

    def get_client_address(self) -> tuple[str, Any]:
        """The peer's own, for the log: what a client claims in X-Forwarded-For is not a stranger's to write there."""
        address: tuple[str, Any] = eventlet.wsgi.addr_to_host_port(self.client_address)
        return address
