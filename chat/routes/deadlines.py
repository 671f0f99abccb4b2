"""Limit the total time that a request waits for an unresponsive database."""

from __future__ import annotations

from flask import Flask, g, request

from chat.models.database import database
from chat.routes.uploads import PICTURES_IN

# Blueprints whose requests wait for nothing but the database. In the others each operation has its
# own time limit: waiting to hash a password, or receiving a picture over a slow connection, must
# not use up the database's time.
BOUNDED = frozenset(
    {
        "messages",
        "rooms",
        "members",
        "pages.rooms",
        "pages.details",
        "pages.members",
        "pages.room_settings",
    }
)


def set_up(app: Flask) -> None:
    app.before_request(begin)
    app.teardown_request(lambda _: _end())


def begin() -> None:
    """Start the database's time limit, or start it again after a request waited otherwise."""
    _end()
    if request.blueprint in BOUNDED and request.endpoint not in PICTURES_IN:
        deadline = database.deadline()
        deadline.__enter__()
        g.deadline = deadline


def _end() -> None:
    if "deadline" in g:
        g.pop("deadline").__exit__(None, None, None)
