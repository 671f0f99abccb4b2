"""Add headers to every response: of pages, of the API, of Socket.IO, and of errors."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, g, has_request_context, request
from werkzeug.routing import BaseConverter, Map, UnicodeConverter

from chat.routes import authentication
from chat.routes.uploads import PICTURES_IN
from chat.utils import logs
from chat.utils.errors import BadRequest
from chat.utils.translation import _
from config import Settings

# Only our own scripts, styles, pictures and connections are allowed. No site may frame our pages,
# and no form may post elsewhere.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURE_FOR = "max-age=31536000"  # a year
REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
LONGEST_SEGMENT = 100  # characters between two slashes of a path: an id, a token or an emoji's name
# Most characters of the headers that we read before authentication. The chat's own are far shorter.
LONGEST_HEADERS = {
    "Authorization": 2_000,
    "Cookie": 8_000,
    "Origin": 300,
    "Range": 100,
    "If-Range": 300,
    "If-None-Match": 1_000,
    "X-CSRF-TOKEN": 200,
    "Content-Type": 300,
}
_BOUNDED = [
    (
        name,
        "CONTENT_TYPE" if name == "Content-Type" else "HTTP_" + name.upper().replace("-", "_"),
        longest,
    )
    for name, longest in LONGEST_HEADERS.items()
]
REQUEST_ID_KEY = "chat.request_id"  # the key in a request's WSGI environment

SLOW_SECONDS = 2.0  # slower responses are logged; with LOG_LEVEL=debug all are

logger = logging.getLogger(__name__)

Header = tuple[str, str]


class Segment(UnicodeConverter):
    """A part of a path. A path with a longer part is not found."""

    def __init__(self, map: Map, minlength: int = 1, maxlength: int = LONGEST_SEGMENT):
        super().__init__(map, minlength, maxlength)


class EmojiSegment(Segment):
    """An emoji as a part of a path, as a character or as `:name:`."""


class IdSegment(BaseConverter):
    """An id as a part of a path. Other text does not match; so `/rooms/browse` is never a room."""

    regex = "[0-9A-Fa-f]{24}"


def default_headers(settings: Settings) -> list[Header]:
    """Return the headers of every response; a response may override them."""
    headers = [
        ("X-Content-Type-Options", "nosniff"),
        # With a stricter policy browsers would send `Origin: null` with our own forms.
        ("Referrer-Policy", "same-origin"),
        ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
        ("Cache-Control", "no-store"),
    ]
    if settings.secure:
        headers.append(("Strict-Transport-Security", SECURE_FOR))
    return headers


class HeadersMiddleware:
    """WSGI middleware that gives the request an id and completes the response's headers."""

    def __init__(self, app: Any, settings: Settings):
        self._app = app
        self._always = default_headers(settings)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        request_id = environ.get("HTTP_X_REQUEST_ID", "")
        if not REQUEST_ID.match(request_id):
            request_id = secrets.token_hex(8)
        environ[REQUEST_ID_KEY] = request_id

        def start(status: str, headers: list[Header], exc_info: Any = None) -> Any:
            there = {name.lower() for name, _ in headers}
            missing = [header for header in self._always if header[0].lower() not in there]
            return start_response(
                status, [*headers, ("X-Request-ID", request_id), *missing], exc_info
            )

        answer: Iterable[bytes] = self._app(environ, start)
        return answer


def set_up(app: Flask) -> None:
    """Set up the part of this module that runs inside Flask."""
    logs.add_to_every_line(_request_of_line)
    app.url_map.converters |= {"default": Segment, "string": Segment}
    app.url_map.converters |= {"emoji": EmojiSegment, "id": IdSegment}
    app.url_map.merge_slashes = False  # the redirect would lead to any host that the request names

    @app.before_request
    def _read_headers() -> None:
        environ = request.environ
        g.request_id = environ.get(REQUEST_ID_KEY, "")
        g.began = time.monotonic()
        # The end of a chunked body is marked in the body. Werkzeug reads such a body only with this
        # flag, and stops at MAX_CONTENT_LENGTH.
        if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            environ["wsgi.input_terminated"] = True
        for name, key, longest in _BOUNDED:
            if len(environ.get(key, "")) > longest:
                raise BadRequest(_("The header {name} is too long.", name=name))

    @app.after_request
    def _add_headers(response: Response) -> Response:
        authentication.set_cookies(response)
        _log_answer(response)
        return response


def _log_answer(response: Response) -> None:
    """Log a slow response, except to an upload of pictures, which a slow connection explains.

    The line does not contain the path: see errors.py.
    """
    seconds = time.monotonic() - g.get("began", time.monotonic())
    is_slow = seconds > SLOW_SECONDS and request.endpoint not in PICTURES_IN
    if is_slow or logger.isEnabledFor(logging.DEBUG):
        person = g.get("person")
        logger.log(
            logging.WARNING if is_slow else logging.DEBUG,
            "a slow request" if is_slow else "a request",
            extra={
                "method": request.method,
                "endpoint": request.endpoint,
                "status": response.status_code,
                "milliseconds": round(seconds * 1000),
                "address": request.remote_addr,
                "user_id": person and str(person.id),
            },
        )


def _request_of_line() -> dict[str, object]:
    if has_request_context() and g.get("request_id"):
        return {"request_id": g.request_id}
    return {}
