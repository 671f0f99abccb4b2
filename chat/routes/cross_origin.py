"""Pages of other origins, as far as ALLOWED_ORIGINS names them: with a token, never with a cookie.

A browser sends our cookies with whatever any page asks. A token it sends only where the page has
it. So what such a page asks loses its cookies here, before anything looks at them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from config import Settings

API, SOCKETS = "/api/", "/socket.io/"
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
SENT = "Authorization, Content-Type, If-None-Match, If-Range, Range, X-Device-Token, X-Request-ID"
SEEN = (
    "Content-Range, ETag, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-ID"
)
ASKED_AGAIN_AFTER = "7200"  # seconds; Chromium forgets after two hours whatever it is told

Environ = dict[str, Any]
Header = tuple[str, str]


class CrossOrigin:
    """What other origins may ask, and the headers without which their browsers keep the answer."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._any = "*" in settings.allowed_origins
        self.is_on = bool(settings.allowed_origins)

    def admits(self, environ: Environ) -> bool:
        """Return whether a page of another origin asks, and may."""
        origin = environ.get("HTTP_ORIGIN")
        if origin is None or not self._settings.allows(origin):
            return False
        return f"{environ.get('PATH_INFO', '')}/".startswith((API, SOCKETS))

    def answer(
        self, app: Any, environ: Environ, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Return the application's answer, or what a browser asks before the request itself."""
        environ.pop("HTTP_COOKIE", None)
        origin = "*" if self._any else environ["HTTP_ORIGIN"]
        added = [("Access-Control-Allow-Origin", origin), *self._varies()]
        is_preflight = "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
        if environ["REQUEST_METHOD"] == "OPTIONS" and is_preflight:
            added += [
                ("Access-Control-Allow-Methods", METHODS),
                ("Access-Control-Allow-Headers", SENT),
                ("Access-Control-Max-Age", ASKED_AGAIN_AFTER),
            ]
            start_response("204 NO CONTENT", added)
            return ()
        added.append(("Access-Control-Expose-Headers", SEEN))
        found: Iterable[bytes] = app(environ, _adding(added, start_response))
        return found

    def varying(self, start_response: Callable[..., Any]) -> Callable[..., Any]:
        """Return `start_response` for who sends no Origin: another's answer would differ."""
        return _adding(self._varies(), start_response)

    def _varies(self) -> list[Header]:
        return [] if self._any else [("Vary", "Origin")]


def _adding(added: list[Header], start_response: Callable[..., Any]) -> Callable[..., Any]:
    def start(status: str, headers: list[Header], exc_info: Any = None) -> Any:
        return start_response(status, [*headers, *added], exc_info)

    return start
