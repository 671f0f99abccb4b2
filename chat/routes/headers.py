"""What goes with every answer."""

from __future__ import annotations

import re
import secrets

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix
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
LONGEST_SEGMENT = 100  # characters between two slashes of a path: an id, a token, an emoji by its name
# Characters of the headers that are read: they come before anybody is known. Ours are far shorter.
LONGEST_HEADERS = {
    "Authorization": 2_000, "Cookie": 8_000, "Origin": 300, "Range": 100, "If-Range": 300, "If-None-Match": 1_000,
    "X-CSRF-TOKEN": 200, "Content-Type": 300,
}


class Segment(UnicodeConverter):
    """A part of a path. One that is too long is no part of any path of ours: not found."""

    def __init__(self, map: Map, minlength: int = 1, maxlength: int = LONGEST_SEGMENT):
        super().__init__(map, minlength, maxlength)


def set_up(app: Flask, settings: Settings) -> None:
    app.url_map.converters |= {"default": Segment, "string": Segment}
    if n := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]

    app.url_map.merge_slashes = False  # its redirect would name whatever host the request named

    @app.before_request
    def _allow_chunks() -> None:
        # A chunked body ends by itself; Werkzeug reads it only if it is told so, and stops at MAX_CONTENT_LENGTH.
        if request.headers.get("Transfer-Encoding", "").lower() == "chunked":
            request.environ["wsgi.input_terminated"] = True

    @app.before_request
    def _name_the_request() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if REQUEST_ID.match(given) else secrets.token_hex(8)

    @app.before_request
    def _refuse_long_headers() -> None:
        for name, longest in LONGEST_HEADERS.items():
            if len(request.headers.get(name, "")) > longest:
                raise BadRequest(f"The header {name} is too long.")

    @app.after_request
    def _add_headers(response: Response) -> Response:
        authentication.set_cookies(response)
        headers = response.headers
        headers["X-Request-ID"] = g.get("request_id", "")
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"  # stricter, and browsers send `Origin: null` with our own forms
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        if settings.secure:
            headers["Strict-Transport-Security"] = SECURE_FOR
        if request.endpoint == "static":
            headers["Cache-Control"] = "no-cache"  # kept, and asked for by ETag: an upgrade is seen at once
        else:
            headers.setdefault("Cache-Control", "no-store")
        return response
