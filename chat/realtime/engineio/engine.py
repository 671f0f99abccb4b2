"""The Engine.IO server: handshakes, polling, upgrades.

Socket.IO uses this server, and this server uses the transports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson

from chat.realtime import loop
from chat.realtime.engineio.connection import Connection
from chat.realtime.engineio.polling import DuplicatePoll, Polling
from chat.realtime.engineio.requests import (
    BAD_REQUEST,
    FORBIDDEN,
    UNKNOWN_SESSION,
    Answer,
    Environ,
    RefusedRequest,
    check_handshake,
    read_body,
    read_query,
)
from chat.realtime.engineio.sessions import Sessions
from chat.realtime.engineio.upgrade import Probe, RejectedUpgrade
from chat.realtime.protocols.engine_packets import BadPacket, parts_of
from chat.realtime.transport import frames
from chat.realtime.transport.client_websocket import ClientWebSocket

NEEDS_A_LOOP = (
    "Socket.IO needs eventlet's loop here: start the app with socketio.run(app) or under gunicorn's"
    " eventlet worker, not with `flask run` or in threads."
)


class Engine(Sessions):
    """Takes the place of `engineio.Server`."""

    # requests

    def handle_request(
        self, environ: Environ, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Serve a request, as a WSGI application.

        A WebSocket takes its socket away from the web server, which then has nothing to answer.
        """
        try:
            answer = self._answer(environ)
        except RefusedRequest as refused:
            answer = refused.answer
        except loop.CannotTakeOver:
            sentence = "WebSocket is not possible on this connection."
            answer = RefusedRequest(BAD_REQUEST, sentence).answer
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
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return Answer("200 OK", b"OK")
        query = read_query(environ, self.transports, self.valid_transports)
        if query.sid is None:
            return self._open(environ, upgrade=query.upgrade)
        connection = self.sockets.get(query.sid)
        if connection is None:
            raise RefusedRequest(UNKNOWN_SESSION, "Session ID unknown")
        if query.upgrade and self.allow_upgrades:
            self._upgrade(connection, environ)
            return None
        if query.upgrade or connection.upgraded:
            raise RefusedRequest(BAD_REQUEST, "Bad request")
        if query.method == "GET":
            return self._poll(connection)
        return self._post(connection, environ)

    def _check_origin(self, environ: Environ) -> None:
        origin = environ.get("HTTP_ORIGIN")
        if origin and self.cors_allowed_origins != []:
            allowed = self._cors_allowed_origins(environ)
            if allowed is not None and origin not in allowed:
                raise RefusedRequest(FORBIDDEN, "Not an accepted origin.")

    def _compress(self, environ: Environ, answer: Answer) -> None:
        if not self.http_compression or len(answer.body) < self.compression_threshold:
            return
        for accepted in environ.get("HTTP_ACCEPT_ENCODING", "").split(","):
            encoding = accepted.split(";")[0].strip()
            if encoding in self.compression_methods:
                answer.body = getattr(self, f"_{encoding}")(answer.body)
                answer.headers.append(("Content-Encoding", encoding))
                return

    # beginning a session

    def _open(self, environ: Environ, *, upgrade: bool) -> Answer | None:
        address = environ.get("REMOTE_ADDR", "")
        if self.draining:
            raise RefusedRequest(BAD_REQUEST, "This server is stopping.", "503 SERVICE UNAVAILABLE")
        if refusal := self.limits.refusal(address):
            self.counters.refused += 1
            raise RefusedRequest(FORBIDDEN, refusal.sentence, refusal.status)
        if not loop.is_running():
            self._log_error_once(NEEDS_A_LOOP, NEEDS_A_LOOP)
            raise RefusedRequest(BAD_REQUEST, NEEDS_A_LOOP, "501 NOT IMPLEMENTED")
        sid = self.generate_id()
        connection = self._connection(self, sid, address)
        if upgrade:
            connection.line = self._take_over(environ)
            connection.line.owner = connection
        while (oldest := self.limits.in_the_way(address)) is not None:
            self.crowd_out(oldest)
        self.admit(connection, environ)
        opening = self._opening(sid, upgrade=upgrade)
        if isinstance(connection.line, ClientWebSocket):
            handshake = frames.switching_protocols(environ["HTTP_SEC_WEBSOCKET_KEY"])
            connection.line.write(handshake + frames.frame(frames.TEXT, opening))
            return None
        answer = Answer("200 OK", opening)
        if self.cookie:
            given = self.cookie
            if not isinstance(given, dict):
                given = {"name": self.cookie, "path": "/", "SameSite": "Lax"}
            answer.headers.append(("Set-Cookie", self._generate_sid_cookie(sid, given)))
        return answer

    def _opening(self, sid: str, *, upgrade: bool) -> bytes:
        upgrades = []
        if self.allow_upgrades and not upgrade and "websocket" in self.transports:
            upgrades.append("websocket")
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
        """Upgrade a session to WebSocket; close a second WebSocket of the same session.

        A client expects no HTTP answer to its second WebSocket, so the server completes the
        handshake first and then closes.
        """
        websocket = self._take_over(environ)
        has_one = connection.upgraded or connection.upgrading
        websocket.owner = RejectedUpgrade() if has_one else Probe(connection, websocket)
        websocket.write(frames.switching_protocols(environ["HTTP_SEC_WEBSOCKET_KEY"]))
        if has_one:
            websocket.close(frames.UNACCEPTABLE, "this session has a WebSocket")

    def _take_over(self, environ: Environ) -> ClientWebSocket:
        """Return the request's socket as a WebSocket.

        The caller sets the WebSocket's `owner` and answers the handshake.
        """
        check_handshake(environ)
        return ClientWebSocket(
            loop.take_socket(environ), self.flusher, self.counters, self.max_http_buffer_size
        )

    # polling

    def _poll(self, connection: Connection) -> Answer:
        line = connection.line
        assert isinstance(line, Polling)
        try:
            return Answer("200 OK", line.poll(self.ping_interval + self.ping_timeout))
        except DuplicatePoll:
            connection.close(self.reason.TRANSPORT_ERROR)
            raise RefusedRequest(BAD_REQUEST, "A poll is waiting already") from None

    def _post(self, connection: Connection, environ: Environ) -> Answer:
        if connection.posting:
            connection.reject("two posts at once")
            raise RefusedRequest(BAD_REQUEST, "A post is being read already")
        connection.posting = True
        try:
            for part in parts_of(read_body(environ, self.max_http_buffer_size)):
                connection.take(part)
            connection.wait_for_room()
        except BadPacket as bad:
            connection.reject(str(bad))
            raise RefusedRequest(BAD_REQUEST, "Bad request") from None
        except RefusedRequest:
            connection.reject("a body that is too large")
            raise
        finally:
            connection.posting = False
        return Answer("200 OK", b"ok")
