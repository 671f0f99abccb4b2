"""The map of all doors.

    /                   pages/      HTML for people, with and without JavaScript
    /api/v1             api/        JSON for programs
    /socket.io          sockets/    events, both ways
    /up /ready          health      for machines that watch
    flask chat …        cli         for operators
"""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from chat.extensions import socketio
from chat.routes import api, authentication, charging, cli, deadlines, errors, headers, pages, sockets, streaming, uploads
from chat.routes.charging import Charged
from chat.routes.gate import Gate
from chat.routes.health import health
from config import Settings


def set_up(app: Flask, settings: Settings) -> None:
    headers.set_up(app)
    deadlines.set_up(app)
    charging.set_up(app, settings)
    streaming.set_up(app)
    uploads.set_up(app)
    authentication.set_up(app, settings)
    errors.set_up(app)
    app.register_blueprint(health)
    pages.set_up(app)
    api.set_up(app)
    sockets.set_up(socketio)
    app.cli.add_command(cli.chat)


def guard(app: Flask, settings: Settings) -> None:
    """Puts around all doors what every request passes first: to be called when Socket.IO carries the application.

    The trusted proxies are outermost, so that requests, sockets and limits know a client by one address.
    """
    wsgi_app = Charged(headers.Headers(Gate(app, app.wsgi_app, settings), settings))
    proxies = settings.trusted_proxies
    app.wsgi_app = ProxyFix(wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies) if proxies else wsgi_app  # type: ignore[method-assign]
