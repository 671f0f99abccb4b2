"""Answer pages of other origins that ALLOWED_ORIGINS names: by token, never by cookie.

A browser adds our cookies to the requests of any page, but a token only if the page has one. So we
remove the cookies from requests of other origins here, before anything reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from config import Settings

API = "/api/"
SOCKETS = "/socket.io/"
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
REQUEST_HEADERS = (
    "Authorization, Content-Type, If-None-Match, If-Range, Range, X-Device-Token, X-Request-ID"
)
RESPONSE_HEADERS = (
    "Content-Range, ETag, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-ID"
)
PREFLIGHT_SECONDS = "7200"  # seconds; Chromium caches it for two hours at most

Environ = dict[str, Any]
Header = tuple[str, str]


class CrossOrigin:
    """The requests that other origins may send, and the headers that show them the response."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._any = "*" in settings.allowed_origins
        self.is_on = bool(settings.allowed_origins)

    def admits(self, environ: Environ) -> bool:
        """Return whether a page of an allowed other origin sends this request."""
        origin = environ.get("HTTP_ORIGIN")
        if origin is None or not self._settings.allows(origin):
            return False
        return f"{environ.get('PATH_INFO', '')}/".startswith((API, SOCKETS))

    def answer(
        self, app: Any, environ: Environ, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Return the application's response, or the one to a preflight request."""
        environ.pop("HTTP_COOKIE", None)
        origin = "*" if self._any else environ["HTTP_ORIGIN"]
        added = [("Access-Control-Allow-Origin", origin), *self._varies()]
        is_preflight = "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
        if environ["REQUEST_METHOD"] == "OPTIONS" and is_preflight:
            added += [
                ("Access-Control-Allow-Methods", METHODS),
                ("Access-Control-Allow-Headers", REQUEST_HEADERS),
                ("Access-Control-Max-Age", PREFLIGHT_SECONDS),
            ]
            start_response("204 NO CONTENT", added)
            return ()
        added.append(("Access-Control-Expose-Headers", RESPONSE_HEADERS))
        found: Iterable[bytes] = app(environ, _adding(added, start_response))
        return found

    def varying(self, start_response: Callable[..., Any]) -> Callable[..., Any]:
        """Return a `start_response` that adds Vary, for requests without an allowed Origin.

        Caches need it, because a response to another origin differs.
        """
        return _adding(self._varies(), start_response)

    def _varies(self) -> list[Header]:
        if self._any:
            return []
        return [("Vary", "Origin")]


def _adding(added: list[Header], start_response: Callable[..., Any]) -> Callable[..., Any]:
    def start(status: str, headers: list[Header], exc_info: Any = None) -> Any:
        return start_response(status, [*headers, *added], exc_info)

    return start
