"""The Engine.IO server: handshakes, polling, upgrades, heartbeats.

It is below Socket.IO and above the sockets.
"""

from __future__ import annotations

import inspect
import io
import urllib.parse
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NoReturn

import engineio
import orjson

from chat.realtime import loop
from chat.realtime.counters import Counters
from chat.realtime.engineio import limits as bounds
from chat.realtime.engineio.connection import (
    CLOSE,
    Connection,
    DuplicatePoll,
    Polling,
    RejectedUpgrade,
    parts_of,
)
from chat.realtime.engineio.deadlines import Deadlines
from chat.realtime.engineio.limits import Limits
from chat.realtime.socketio.packets import BadPacket, Json
from chat.realtime.transport import websocket
from chat.realtime.transport.flushing import Flusher
from chat.realtime.transport.read_batching import ReadBatching
from chat.realtime.transport.wire import Wire

# The error codes of the reference server, which clients know.
UNKNOWN_TRANSPORT, UNKNOWN_SESSION, BAD_METHOD, BAD_REQUEST, FORBIDDEN, UNSUPPORTED_VERSION = range(
    6
)
# Entries of the request that belong to the web server; the application does not need them later.
OF_THE_SERVER = (
    "wsgi.errors",
    "eventlet.input",
    "eventlet.posthooks",
    "eventlet.set_idle",
    "headers_raw",
    "gunicorn.socket",
)
OPTIONS = inspect.signature(engineio.Server).parameters.keys() - {"kwargs"}
NEEDS_A_LOOP = (
    "Socket.IO needs eventlet's loop here: start the app with socketio.run(app) or under gunicorn's"
    " eventlet worker, not with `flask run` or in threads."
)

Environ = dict[str, Any]


@dataclass
class Answer:
    status: str
    body: bytes
    headers: list[tuple[str, str]] = field(
        default_factory=lambda: [("Content-Type", "text/plain; charset=UTF-8")]
    )


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, code: int, message: str, status: str = "400 BAD REQUEST"):
        super().__init__(message)
        self.answer = Answer(
            status,
            orjson.dumps({"code": code, "message": message}),
            [("Content-Type", "application/json")],
        )


class Engine(engineio.Server):  # type: ignore[misc]
    """Takes the place of `engineio.Server`."""

    handle: Callable[
        [Connection, Any], None
    ]  # Socket.IO's handler, set before the first request; may yield
    gone: Callable[
        [Connection, str], None
    ]  # likewise, called at once with the reason when a connection is lost; must not yield

    def __init__(
        self,
        *,
        json: Json,
        counters: Counters,
        limits: bool,
        connect_timeout: float = bounds.CONNECT_SECONDS,
        most_pending: int = bounds.PENDING,
        connection: type[Connection] = Connection,
        **options: Any,
    ):
        _check(options)
        super().__init__(**options | {"monitor_clients": False})
        self.json, self.counters = json, counters
        self.workers, self.flusher, self.read_batching = loop.Workers(), Flusher(), ReadBatching()
        self.limits: Limits[Connection] = Limits(enforced=limits, most_pending=most_pending)
        self.draining = False
        self.pings: Deadlines[Connection] = Deadlines(self.ping_interval, self._ping)
        self.pongs: Deadlines[Connection] = Deadlines(self.ping_timeout, self._miss)
        self._alone: Deadlines[Connection] = Deadlines(connect_timeout, self._look_at_alone)
        self._connection = connection

    # what Socket.IO asks

    def async_modes(self) -> list[str]:
        return ["eventlet"]

    def on(self, event: str, handler: Callable[..., Any] | None = None) -> Any:
        """Register Socket.IO's handlers while its server is created; raise for any others."""
        if hasattr(self, "handle"):
            raise NotImplementedError("eio.on: Engine.IO's events are Socket.IO's alone here")
        return super().on(event, handler)

    def send(self, sid: str, data: Any) -> NoReturn:
        raise NotImplementedError("eio.send: emit an event instead")

    def send_packet(self, sid: str, pkt: Any) -> NoReturn:
        raise NotImplementedError("eio.send_packet: emit an event instead")

    def disconnect(self, sid: str | None = None) -> None:
        """Close the transport of one session, or of all. Never yields.

        Clients reconnect by themselves.
        """
        for connection in (
            [self.sockets.get(sid)] if sid is not None else list(self.sockets.values())
        ):
            if connection is not None:
                connection.close(self.reason.SERVER_DISCONNECT, websocket.GOING_AWAY)

    def settled(self, connection: Connection) -> None:
        """Mark a connection as being in a namespace."""
        if connection.pending:
            connection.pending = False
            self.limits.settled(connection, connection.address)

    def left_alone(self, connection: Connection) -> None:
        """Give a connection in no namespace `connect_timeout` to join one."""
        if not connection.closed:
            connection.alone_until = self._alone.add(connection)

    def refused(self, connection: Connection) -> None:
        """Count a refused CONNECT packet; the connection's deadline to join stays."""
        connection.refusals += 1
        if connection.refusals >= bounds.MOST_REFUSALS:
            connection.close(self.reason.TRANSPORT_CLOSE, websocket.NORMAL, "refused too often")
        elif not connection.clients and not connection.alone_until:
            connection.close(self.reason.TRANSPORT_CLOSE, websocket.NORMAL, "in no namespace")

    def make_room(self) -> bool:
        """Close the session that has been in no namespace longest; return whether there was one."""
        oldest = self.limits.oldest_pending()
        if oldest is None:
            return False
        self._crowd_out(oldest)
        return True

    def _crowd_out(self, connection: Connection) -> None:
        self.counters.crowded_out += 1
        reason, code = self.reason.TRANSPORT_CLOSE, websocket.TRY_AGAIN_LATER
        connection.close(reason, code, "others are waiting", linger=False)

    def forget(self, connection: Connection) -> None:
        self.sockets.pop(connection.sid, None)
        self.limits.closed(connection, connection.address)
        self.counters.open_sockets -= 1

    def drain(self, seconds: float) -> None:
        """Stop accepting, let handlers finish within `seconds`, then close all sessions. Yields."""
        self.draining = True
        if not self.sockets and self.workers.idle:
            return
        for connection in self.sockets.values():
            if isinstance(connection.line, Wire):
                connection.line.pause()
        self._wait_for_handlers(seconds)
        self.disconnect()
        self._wait_for_handlers(seconds)

    def _wait_for_handlers(self, seconds: float) -> None:
        step = 0.02
        loop.sleep(step)
        for _ in range(int(seconds / step)):
            if self.workers.idle:
                break
            loop.sleep(step)

    # requests

    def handle_request(
        self, environ: Environ, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Serve a request, as a WSGI application.

        A WebSocket leaves the web server, which then has nothing to answer.
        """
        try:
            answer = self._answer(environ)
        except Refused as refused:
            answer = refused.answer
        except loop.CannotTakeOver:
            answer = Refused(BAD_REQUEST, "WebSocket is not possible on this connection.").answer
        if answer is None:
            return []
        self._compress(environ, answer)
        headers = [
            *answer.headers,
            ("Cache-Control", "no-store"),
            ("Content-Length", str(len(answer.body))),
            *self._cors_headers(environ),
        ]
        start_response(answer.status, headers)
        return [answer.body]

    def _answer(self, environ: Environ) -> Answer | None:
        self._check_origin(environ)
        query = urllib.parse.parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        method, transport = environ["REQUEST_METHOD"], query.get("transport", [""])[0]
        if method == "OPTIONS":
            return Answer("200 OK", b"OK")
        if transport not in self.valid_transports:
            raise Refused(UNKNOWN_TRANSPORT, "Transport unknown")
        if transport not in self.transports:
            raise Refused(
                UNKNOWN_TRANSPORT,
                f"Only {' and '.join(self.transports)} is served here:"
                " connect with that transport.",
            )
        if method not in ("GET", "POST"):
            raise Refused(BAD_METHOD, "Bad handshake method")
        if query.get("EIO") != ["4"]:
            raise Refused(UNSUPPORTED_VERSION, "Unsupported protocol version")
        upgrade = environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        if upgrade is not (transport == "websocket") or (upgrade and method != "GET"):
            raise Refused(BAD_REQUEST, "Bad request")
        if "sid" not in query:
            if method != "GET":
                raise Refused(BAD_METHOD, "Bad handshake method")
            return self._open(environ, upgrade=upgrade)
        connection = self.sockets.get(query["sid"][0])
        if connection is None:
            raise Refused(UNKNOWN_SESSION, "Session ID unknown")
        if upgrade and self.allow_upgrades:
            self._upgrade(connection, environ)
            return None
        if upgrade or connection.upgraded:
            raise Refused(BAD_REQUEST, "Bad request")
        return self._poll(connection) if method == "GET" else self._post(connection, environ)

    def _check_origin(self, environ: Environ) -> None:
        origin = environ.get("HTTP_ORIGIN")
        if origin and self.cors_allowed_origins != []:
            allowed = self._cors_allowed_origins(environ)
            if allowed is not None and origin not in allowed:
                raise Refused(FORBIDDEN, "Not an accepted origin.")

    def _compress(self, environ: Environ, answer: Answer) -> None:
        if not self.http_compression or len(answer.body) < self.compression_threshold:
            return
        for accepted in environ.get("HTTP_ACCEPT_ENCODING", "").split(","):
            encoding = accepted.split(";")[0].strip()
            if encoding in self.compression_methods:
                answer.body = getattr(self, f"_{encoding}")(answer.body)
                answer.headers.append(("Content-Encoding", encoding))
                return

    # a session begins

    def _open(self, environ: Environ, *, upgrade: bool) -> Answer | None:
        address = environ.get("REMOTE_ADDR", "")
        if self.draining:
            raise Refused(BAD_REQUEST, "This server is stopping.", "503 SERVICE UNAVAILABLE")
        if refusal := self.limits.refusal(address):
            self.counters.refused += 1
            raise Refused(FORBIDDEN, refusal.sentence, refusal.status)
        if not loop.is_running():
            self._log_error_once(NEEDS_A_LOOP, NEEDS_A_LOOP)
            raise Refused(BAD_REQUEST, NEEDS_A_LOOP, "501 NOT IMPLEMENTED")
        sid = self.generate_id()
        connection = self._connection(self, sid, address)
        if upgrade:
            connection.line = self._take_over(environ)
            connection.line.owner = connection
        while (oldest := self.limits.in_the_way(address)) is not None:
            self._crowd_out(oldest)
        self.admit(connection, environ)
        opening = self._opening(sid, upgrade=upgrade)
        if isinstance(connection.line, Wire):
            handshake = websocket.switching_protocols(environ["HTTP_SEC_WEBSOCKET_KEY"])
            connection.line.write(handshake + websocket.frame(websocket.TEXT, opening))
            return None
        answer = Answer("200 OK", opening)
        if self.cookie:
            given = (
                self.cookie
                if isinstance(self.cookie, dict)
                else {"name": self.cookie, "path": "/", "SameSite": "Lax"}
            )
            answer.headers.append(("Set-Cookie", self._generate_sid_cookie(sid, given)))
        return answer

    def admit(self, connection: Connection, environ: Environ) -> None:
        """Begin a session. `environ`: the request that opened it."""
        self.sockets[connection.sid] = connection
        self.limits.opened(connection, connection.address)
        self.counters.open_sockets += 1
        self.counters.opened += 1
        self.handlers["connect"](connection.sid, _without_server(environ))
        connection.heartbeat = self.pings.add(connection)
        self.left_alone(connection)

    def _opening(self, sid: str, *, upgrade: bool) -> bytes:
        upgrades = (
            ["websocket"]
            if self.allow_upgrades and not upgrade and "websocket" in self.transports
            else []
        )
        interval = self.ping_interval + self.ping_interval_grace_period
        return b"0" + orjson.dumps(
            {
                "sid": sid,
                "upgrades": upgrades,
                "maxPayload": self.max_http_buffer_size,
                "pingInterval": int(interval * 1000),
                "pingTimeout": int(self.ping_timeout * 1000),
            }
        )

    def _upgrade(self, connection: Connection, environ: Environ) -> None:
        """Upgrade a session to WebSocket; close a second WebSocket of one session.

        The close comes after the handshake, because clients expect no HTTP answer there.
        """
        wire = self._take_over(environ)
        has_one = connection.upgraded or connection.upgrading
        wire.owner = RejectedUpgrade() if has_one else connection.probe(wire)
        wire.write(websocket.switching_protocols(environ["HTTP_SEC_WEBSOCKET_KEY"]))
        if has_one:
            wire.close(websocket.UNACCEPTABLE, "this session has a WebSocket")

    def _take_over(self, environ: Environ) -> Wire:
        """Return the request's socket as a wire.

        The caller sets its owner and answers the handshake.
        """
        if "upgrade" not in environ.get("HTTP_CONNECTION", "").lower() or not websocket.accepts(
            environ.get("HTTP_SEC_WEBSOCKET_KEY", "")
        ):
            raise Refused(BAD_REQUEST, "Bad WebSocket handshake")
        if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
            refused = Refused(
                BAD_REQUEST,
                "Only version 13 of the WebSocket protocol is spoken here.",
                "426 UPGRADE REQUIRED",
            )
            refused.answer.headers.append(("Sec-WebSocket-Version", "13"))
            raise refused
        return Wire(
            loop.take_socket(environ), self.flusher, self.counters, self.max_http_buffer_size
        )

    # polling

    def _poll(self, connection: Connection) -> Answer:
        line = connection.line
        assert isinstance(line, Polling)
        try:
            return Answer("200 OK", line.poll(self.ping_interval + self.ping_timeout))
        except DuplicatePoll:
            connection.close(self.reason.TRANSPORT_ERROR, last=CLOSE)
            raise Refused(BAD_REQUEST, "A poll is waiting already") from None

    def _post(self, connection: Connection, environ: Environ) -> Answer:
        if connection.posting:
            connection.reject("two posts at once")
            raise Refused(BAD_REQUEST, "A post is being read already")
        connection.posting = True
        try:
            for part in parts_of(self._body(environ)):
                connection.take(part)
            connection.wait_for_room()
        except BadPacket as bad:
            connection.reject(str(bad))
            raise Refused(BAD_REQUEST, "Bad request") from None
        except Refused:
            connection.reject("a body that is too large")
            raise
        finally:
            connection.posting = False
        return Answer("200 OK", b"ok")

    def _body(self, environ: Environ) -> str:
        """Return the body of a request. Yields.

        Raises Refused, before reading where the length is announced; BadPacket for what is not
        UTF-8.
        """
        length = environ.get("CONTENT_LENGTH")
        most = self.max_http_buffer_size
        too_large = Refused(
            BAD_REQUEST, f"At most {most} bytes are taken at once.", "413 CONTENT TOO LARGE"
        )
        if length and int(length) > most:
            raise too_large
        try:
            body = environ["wsgi.input"].read(int(length) if length else most + 1)
            if len(body) > most:
                raise too_large
            if length and len(body) < int(length):
                raise BadPacket("the end is missing")
            return str(body, "utf-8")
        except (UnicodeDecodeError, OSError, ValueError):
            raise BadPacket("no text") from None

    # deadlines

    def _ping(self, connection: Connection, deadline: float) -> None:
        if not connection.closed and connection.heartbeat == deadline:
            connection.ping()

    def _miss(self, connection: Connection, deadline: float) -> None:
        if connection.closed or connection.heartbeat != deadline:
            return
        if connection.paused:  # the pong may be in data that we have not read
            connection.heartbeat = self.pongs.add(connection)
        else:
            connection.close(self.reason.PING_TIMEOUT)

    def _look_at_alone(self, connection: Connection, deadline: float) -> None:
        if connection.alone_until != deadline:
            return
        connection.alone_until = 0.0
        if not connection.clients:
            connection.close(self.reason.TRANSPORT_CLOSE, websocket.NORMAL, "in no namespace")


def _check(options: dict[str, Any]) -> None:
    """Raise ValueError for an option that would have no effect."""
    if unknown := sorted(options.keys() - OPTIONS):
        raise ValueError(f"{', '.join(unknown)}: no option of this name is known")
    if options.get("async_mode") not in (None, "eventlet"):
        raise ValueError(f"async_mode: only eventlet is supported, not {options['async_mode']!r}")
    if not options.get("monitor_clients", True):
        raise ValueError("monitor_clients: clients that do not answer are always closed")


def _without_server(environ: Environ) -> Environ:
    """Return the request without the web server's entries.

    They would live as long as the connection.
    """
    for name in OF_THE_SERVER:
        environ.pop(name, None)
    environ["wsgi.input"] = io.BytesIO()
    return environ
