"""What goes with every answer."""

from __future__ import annotations

import re
import secrets

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from chat.routes import authentication
from config import Settings

# Scripts, styles, pictures and connections of our own only; no frame around us; no form to elsewhere.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURE_FOR = "max-age=31536000"  # a year
REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")


def set_up(app: Flask, settings: Settings) -> None:
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
