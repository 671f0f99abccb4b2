"""Answer Prometheus at /metrics: on this machine, or with METRICS_TOKEN. For others it is no page.

It is middleware and no route, so that whoever may not read it is answered by what answers any path
that leads nowhere.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any

from flask import Flask, request
from prometheus_client import CONTENT_TYPE_LATEST

from chat import VERSION
from chat.controllers import metrics
from chat.utils.metrics import http_requests, http_seconds
from chat.utils.own_address import is_loopback
from config import Settings

PATH = "/metrics"
# Headers by which a proxy says that somebody else asks. Whoever has one is not on this machine.
OF_PROXIES = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP")
OF_PROXIES_BEGIN = "HTTP_X_FORWARDED_"
BEFORE_PROXY_FIX = "werkzeug.proxy_fix.orig"
SOCKETS = "/socket.io/"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# The key, in a request's WSGI environment, of a list with the name of its route. A list, because
# the environment is copied on the way to the handler.
ROUTE = "chat.route"

Environ = dict[str, Any]


def set_up(app: Flask) -> None:
    @app.before_request
    def _note_route() -> None:
        if request.endpoint:
            request.environ.get(ROUTE, []).append(request.endpoint)


class MetricsMiddleware:
    """WSGI middleware that answers whoever may read the metrics."""

    def __init__(self, flask: Flask, app: Any, settings: Settings):
        self._flask = flask
        self._app = app
        self._token = settings.metrics_token

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        is_asked = environ.get("PATH_INFO") == PATH and environ["REQUEST_METHOD"] == "GET"
        if not is_asked or not self._may_read(environ):
            answer: Iterable[bytes] = self._app(environ, start_response)
            return answer
        environ.get(ROUTE, []).append("metrics")
        with self._flask.app_context():
            content = metrics.written(VERSION)
        headers = [("Content-Type", CONTENT_TYPE_LATEST), ("Content-Length", str(len(content)))]
        start_response("200 OK", headers)
        return [content]

    def _may_read(self, environ: Environ) -> bool:
        """Return whether a request has the token or, without any, comes from this machine."""
        kind, _, sent = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() == "bearer" and self._token:
            return hmac.compare_digest(sent.strip().encode(), self._token.encode())
        return not kind and _is_of_this_machine(environ)


class CountingMiddleware:
    """WSGI middleware that counts each request, and the time until the head of its answer."""

    def __init__(self, app: Any):
        self._app = app

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        began = time.perf_counter()
        route = environ[ROUTE] = []
        method = environ["REQUEST_METHOD"]

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            name = route[0] if route else "none"
            if not route and environ.get("PATH_INFO", "").startswith(SOCKETS):
                name = "socket.io"
            known = method if method in METHODS else "other"
            http_requests.labels(name, known, f"{status[0]}xx").inc()
            http_seconds.labels(name).observe(time.perf_counter() - began)
            return start_response(status, headers, exc_info)

        answer: Iterable[bytes] = self._app(environ, start)
        return answer


def _is_of_this_machine(environ: Environ) -> bool:
    """Return whether a program of this machine asks, and no proxy on it for somebody else.

    A proxy that does not say so, and a page whose name was pointed at this machine (DNS rebinding),
    are known by the Host of another name.
    """
    if any(name in OF_PROXIES or name.startswith(OF_PROXIES_BEGIN) for name in environ):
        return False
    peer = (environ.get(BEFORE_PROXY_FIX) or environ).get("REMOTE_ADDR") or ""
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback and is_loopback(f"//{environ.get('HTTP_HOST', '')}")
