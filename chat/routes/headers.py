"""What goes with every answer, whichever door gives it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.routing import Map, UnicodeConverter

from chat.routes import authentication
from chat.utils.errors import BadRequest
from config import Settings

# Scripts, styles, pictures and connections of our own only; no frame around us; no form to elsewhere.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURE_FOR = "max-age=31536000"  # a year
REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
LONGEST_SEGMENT = 100  # characters between two slashes of a path: an id, a token, an emoji's name
# Characters of the headers that are read: they come before anybody is known. Ours are far shorter.
LONGEST_HEADERS = {
    "Authorization": 2_000, "Cookie": 8_000, "Origin": 300, "Range": 100, "If-Range": 300,
    "If-None-Match": 1_000, "X-CSRF-TOKEN": 200, "Content-Type": 300,
}
_BOUNDED = [
    (name, "CONTENT_TYPE" if name == "Content-Type" else "HTTP_" + name.upper().replace("-", "_"), longest)
    for name, longest in LONGEST_HEADERS.items()
]
NAMED = "chat.request_id"  # where a request's WSGI environment says what it is called

Header = tuple[str, str]


class Segment(UnicodeConverter):
    """A part of a path. One that is too long is no part of any path of ours: not found."""

    def __init__(self, map: Map, minlength: int = 1, maxlength: int = LONGEST_SEGMENT):
        super().__init__(map, minlength, maxlength)


def of_every_answer(settings: Settings) -> list[Header]:
    """The headers that an answer has unless it says otherwise, whoever gives it."""
    headers = [
        ("X-Content-Type-Options", "nosniff"),
        # Stricter, and browsers send `Origin: null` with our own forms.
        ("Referrer-Policy", "same-origin"),
        ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
        ("Cache-Control", "no-store"),
    ]
    return [*headers, ("Strict-Transport-Security", SECURE_FOR)] if settings.secure else headers


class Headers:
    """WSGI middleware around all doors: names the request and completes the answer's headers."""

    def __init__(self, app: Any, settings: Settings):
        self._app, self._always = app, of_every_answer(settings)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        environ[NAMED] = named = given if REQUEST_ID.match(given) else secrets.token_hex(8)

        def start(status: str, headers: list[Header], exc_info: Any = None) -> Any:
            there = {name.lower() for name, _ in headers}
            missing = [header for header in self._always if header[0].lower() not in there]
            return start_response(status, [*headers, ("X-Request-ID", named), *missing], exc_info)

        answer: Iterable[bytes] = self._app(environ, start)
        return answer


def set_up(app: Flask) -> None:
    """What is the application's own."""
    app.url_map.converters |= {"default": Segment, "string": Segment}
    app.url_map.merge_slashes = False  # its redirect would name whatever host the request named

    @app.before_request
    def _read_headers() -> None:
        environ = request.environ
        g.request_id = environ.get(NAMED, "")
        # A chunked body ends by itself; Werkzeug reads it only if it is told so, and stops at MAX_CONTENT_LENGTH.
        if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            environ["wsgi.input_terminated"] = True
        for name, key, longest in _BOUNDED:
            if len(environ.get(key, "")) > longest:
                raise BadRequest(f"The header {name} is too long.")

    @app.after_request
    def _add_headers(response: Response) -> Response:
        authentication.set_cookies(response)
        if request.endpoint == "static":
            # Kept, and asked for by ETag: an upgrade is seen at once.
            response.headers["Cache-Control"] = "no-cache"
        return response
