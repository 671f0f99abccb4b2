"""Limit the total time that a request waits for an unresponsive database."""

from __future__ import annotations

from flask import Flask, g, request

from chat.models.database import database
from chat.routes.uploads import PICTURES_IN

# Blueprints whose requests also wait for something else: hashing a password, a sign-in provider,
# receiving a picture over a slow connection, looking through many rooms. This must not use up the
# database's time, so each operation has its own time limit there.
UNBOUNDED = frozenset(
    {
        "auth",
        "health",
        "images",
        "me",
        "second_factor",
        "passkeys",
        "email",
        "search",
        "pages.search",
        "pages.settings",
        "pages.security",
        "pages.passkeys",
        "pages.email",
        "pages.connections",
        "pages.erasing",
        "sign_in",
        "joining",
        "resetting",
        "single_sign_on",
    }
)


def set_up(app: Flask) -> None:
    app.before_request(begin)
    app.teardown_request(lambda _: _end())


def begin() -> None:
    """Start the database's time limit, or start it again after a request waited otherwise."""
    _end()
    if is_bounded(request.blueprint, request.endpoint):
        deadline = database.deadline()
        deadline.__enter__()
        g.deadline = deadline


def is_bounded(blueprint: str | None, endpoint: str | None) -> bool:
    """Return whether requests to an endpoint wait for nothing but the database."""
    return blueprint is not None and blueprint not in UNBOUNDED and endpoint not in PICTURES_IN


def _end() -> None:
    if "deadline" in g:
        g.pop("deadline").__exit__(None, None, None)
