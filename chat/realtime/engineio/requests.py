"""Parse and refuse requests of Engine.IO, and answer them. This module knows no session."""

from __future__ import annotations

import io
import urllib.parse
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from chat.realtime.protocols.engine_packets import BadPacket
from chat.realtime.transport import frames

# The error codes of the reference server, which clients know.
UNKNOWN_TRANSPORT = 0
UNKNOWN_SESSION = 1
BAD_METHOD = 2
BAD_REQUEST = 3
FORBIDDEN = 4
UNSUPPORTED_VERSION = 5
# Entries of the request that only the web server needs.
OF_THE_SERVER = (
    "wsgi.errors",
    "eventlet.input",
    "eventlet.posthooks",
    "eventlet.set_idle",
    "headers_raw",
    "gunicorn.socket",
)

Environ = dict[str, Any]


@dataclass
class Answer:
    status: str
    body: bytes
    headers: list[tuple[str, str]] = field(
        default_factory=lambda: [("Content-Type", "text/plain; charset=UTF-8")]
    )


class RefusedRequest(Exception):
    """A request that is answered with an error."""

    def __init__(self, code: int, message: str, status: str = "400 BAD REQUEST"):
        super().__init__(message)
        self.answer = Answer(
            status,
            orjson.dumps({"code": code, "message": message}),
            [("Content-Type", "application/json")],
        )


class Query(NamedTuple):
    """The parameters of a request. `sid` None: a new session; `upgrade`: a WebSocket."""

    method: str
    sid: str | None
    upgrade: bool


def read_query(environ: Environ, transports: list[str], known_transports: list[str]) -> Query:
    """Return the parameters of a GET or POST. Raises RefusedRequest."""
    query = urllib.parse.parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    method = environ["REQUEST_METHOD"]
    transport = query.get("transport", [""])[0]
    if transport not in known_transports:
        raise RefusedRequest(UNKNOWN_TRANSPORT, "Transport unknown")
    if transport not in transports:
        raise RefusedRequest(
            UNKNOWN_TRANSPORT,
            f"Only {' and '.join(transports)} is served here: connect with that transport.",
        )
    if method not in ("GET", "POST"):
        raise RefusedRequest(BAD_METHOD, "Bad handshake method")
    if query.get("EIO") != ["4"]:
        raise RefusedRequest(UNSUPPORTED_VERSION, "Unsupported protocol version")
    upgrade = environ.get("HTTP_UPGRADE", "").lower() == "websocket"
    if upgrade is not (transport == "websocket") or (upgrade and method != "GET"):
        raise RefusedRequest(BAD_REQUEST, "Bad request")
    sid = query.get("sid", [None])[0]
    if sid is None and method != "GET":
        raise RefusedRequest(BAD_METHOD, "Bad handshake method")
    return Query(method, sid, upgrade)


def check_handshake(environ: Environ) -> None:
    """Raise RefusedRequest for an invalid WebSocket handshake."""
    asks_for_upgrade = "upgrade" in environ.get("HTTP_CONNECTION", "").lower()
    if not asks_for_upgrade or not frames.accepts(environ.get("HTTP_SEC_WEBSOCKET_KEY", "")):
        raise RefusedRequest(BAD_REQUEST, "Bad WebSocket handshake")
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
        refused = RefusedRequest(
            BAD_REQUEST,
            "Only version 13 of the WebSocket protocol is spoken here.",
            "426 UPGRADE REQUIRED",
        )
        refused.answer.headers.append(("Sec-WebSocket-Version", "13"))
        raise refused


def read_body(environ: Environ, most: int) -> str:
    """Return the body of a request. Yields.

    Raises RefusedRequest for more than `most` bytes; where the length is announced, before
    reading. Raises BadPacket for a body that is not UTF-8.
    """
    length = environ.get("CONTENT_LENGTH")
    too_large = RefusedRequest(
        BAD_REQUEST, f"At most {most} bytes are taken at once.", "413 CONTENT TOO LARGE"
    )
    if length and int(length) > most:
        raise too_large
    try:
        body = environ["wsgi.input"].read(int(length or most + 1))
        if len(body) > most:
            raise too_large
        if length and len(body) < int(length):
            raise BadPacket("the end is missing")
        return str(body, "utf-8")
    except (UnicodeDecodeError, OSError, ValueError):
        raise BadPacket("no text") from None


def without_server(environ: Environ) -> Environ:
    """Return the request without the web server's entries.

    A session keeps its request, and with it these entries, as long as it lives.
    """
    for name in OF_THE_SERVER:
        environ.pop(name, None)
    environ["wsgi.input"] = io.BytesIO()
    return environ
