"""The map of all doors.

    /                   pages/      HTML for people, with and without JavaScript
    /api/v1             api/        JSON for programs
    /socket.io          sockets/    events, both ways
    /up /ready          health      for machines that watch
    flask chat …        cli         for operators
"""

from __future__ import annotations

from flask import Flask

from chat.extensions import socketio
from chat.routes import api, cli, deadlines, errors, headers, limits, pages, sockets, tokens
from chat.routes.health import health
from config import Settings


def set_up(app: Flask, settings: Settings) -> None:
    headers.set_up(app, settings)
    deadlines.set_up(app)
    limits.set_up(app)
    tokens.set_up(app, settings)
    errors.set_up(app)
    app.register_blueprint(health)
    pages.set_up(app)
    api.set_up(app)
    sockets.set_up(socketio)
    app.cli.add_command(cli.chat)
