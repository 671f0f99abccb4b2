"""The map of all routes, and the middleware around them.

/                   pages/      HTML for people, with and without JavaScript
/api/v1             api/        JSON for programs
/socket.io          sockets/    events, both ways
/hooks/<secret>     hooks       what tools post, in Slack's format
/commands/answers/… hooks       what programs of commands answer later
/up /ready          health      for machines that watch
/metrics            metrics     for Prometheus, on this machine or with a token
bin/chat …          cli         for operators
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from chat.extensions import socketio
from chat.routes import (
    api,
    compression,
    cpu_time,
    deadlines,
    errors,
    headers,
    hooks,
    installation,
    languages,
    metrics,
    pages,
    rate_limit_headers,
    sockets,
    static_files,
    streaming,
    tokens,
    uploads,
)
from chat.routes.cpu_time import CpuTimeMiddleware
from chat.routes.health import health
from chat.routes.host_and_origin import HostAndOriginMiddleware
from config import Settings


def set_up(app: Flask, settings: Settings) -> None:
    metrics.set_up(app)
    headers.set_up(app)
    languages.set_up(app)
    deadlines.set_up(app)
    cpu_time.set_up(app, settings)
    rate_limit_headers.set_up(app)
    streaming.set_up(app)
    compression.set_up(app)  # before the response is counted and sent in pieces
    uploads.set_up(app)
    tokens.set_up(app, settings)
    errors.set_up(app)
    static_files.set_up(app)
    installation.set_up(app)
    app.register_blueprint(health)
    hooks.set_up(app)
    pages.set_up(app)
    api.set_up(app, settings)
    sockets.set_up(socketio)


def guard(app: Flask, settings: Settings) -> None:
    """Wrap the app, once Socket.IO is attached, in the middleware that every request passes.

    ProxyFix is outermost, so that requests, sockets and limits see the same address of a client.
    """
    wsgi_app: Any = HostAndOriginMiddleware(app, app.wsgi_app, settings)
    wsgi_app = metrics.MetricsMiddleware(app, wsgi_app, settings)
    wsgi_app = headers.HeadersMiddleware(wsgi_app, settings)
    wsgi_app = metrics.CountingMiddleware(wsgi_app)
    wsgi_app = CpuTimeMiddleware(wsgi_app)
    if n := settings.trusted_proxies:
        wsgi_app = ProxyFix(wsgi_app, x_for=n, x_proto=n, x_host=n)
    app.wsgi_app = wsgi_app  # type: ignore[method-assign]
