"""Limit the total time that a request waits for an unresponsive database."""

from __future__ import annotations

from flask import Flask, g, request

from chat.models.database import database
from chat.routes.uploads import PICTURES_IN

# Blueprints whose requests also wait for something else: a sign-in provider, receiving a picture
# over a slow connection, looking through many rooms. This must not use up the database's time, so
# each operation has its own time limit there.
UNBOUNDED = frozenset({"health", "images", "search", "pages.search", "single_sign_on"})
# Blueprints whose changes hash a password, receive a picture, or wait for somebody's server: the
# program of a command, the receiver of a webhook. Their pages only read.
WITH_UNBOUNDED_CHANGES = frozenset(
    {
        "auth",
        "commands",
        "outgoing_webhooks",
        "pages.outgoing_webhooks",
        "me",
        "second_factor",
        "passkeys",
        "email",
        "pages.settings",
        "pages.security",
        "pages.passkeys",
        "pages.email",
        "pages.connections",
        "pages.erasing",
        "sign_in",
        "joining",
        "resetting",
    }
)


def set_up(app: Flask) -> None:
    app.before_request(begin)
    app.teardown_request(lambda _: _end())


def begin() -> None:
    """Start the database's time limit, or start it again after a request waited otherwise."""
    _end()
    if is_bounded(request.method, request.blueprint, request.endpoint):
        deadline = database.deadline()
        deadline.__enter__()
        g.deadline = deadline


def is_bounded(method: str, blueprint: str | None, endpoint: str | None) -> bool:
    """Return whether requests to an endpoint wait for nothing but the database."""
    if blueprint is None or blueprint in UNBOUNDED or endpoint in PICTURES_IN:
        return False
    return method in ("GET", "HEAD") or blueprint not in WITH_UNBOUNDED_CHANGES


def _end() -> None:
    if "deadline" in g:
        g.pop("deadline").__exit__(None, None, None)
