"""Limit the total time that a request waits for an unresponsive database."""

from __future__ import annotations

from flask import Flask, g, request

from chat.models.database import database
from chat.routes.uploads import PICTURES_IN

# Blueprints that wait for nothing but the database. Elsewhere each operation has a time limit of
# its own: a queue for hashing passwords, or a picture on a slow line, must not use up the
# database's time.
BOUNDED = frozenset({"messages", "rooms", "members", "pages.rooms", "pages.members"})


def set_up(app: Flask) -> None:
    app.before_request(begin)
    app.teardown_request(lambda _: _end())


def begin() -> None:
    """Start the database's time limit; again after a request waited for something else."""
    _end()
    if request.blueprint in BOUNDED and request.endpoint not in PICTURES_IN:
        deadline = database.deadline()
        deadline.__enter__()
        g.deadline = deadline


def _end() -> None:
    if "deadline" in g:
        g.pop("deadline").__exit__(None, None, None)
