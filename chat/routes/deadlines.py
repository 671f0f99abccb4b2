"""Nobody waits for a database that does not answer longer than a few seconds, however much a request asks of it."""

from __future__ import annotations

from flask import Flask, g, request

from chat.models.database import database
from chat.routes.uploads import PICTURES_IN

# Where nothing but the database is waited for. Elsewhere each operation has its time for itself: a password that is hashed
# in a queue of others, or a picture on a slow line, must not use up the database's.
BOUNDED = frozenset({"messages", "rooms", "members", "pages.rooms"})


def set_up(app: Flask) -> None:
    app.before_request(begin)
    app.teardown_request(lambda _: _end())


def begin() -> None:
    """Give the database its time from now on; again after a request waited for something else."""
    _end()
    if request.blueprint in BOUNDED and request.endpoint not in PICTURES_IN:
        deadline = database.deadline()
        deadline.__enter__()
        g.deadline = deadline


def _end() -> None:
    if "deadline" in g:
        g.pop("deadline").__exit__(None, None, None)
