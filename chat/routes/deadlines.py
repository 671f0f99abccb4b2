"""Nobody waits for a database that does not answer longer than a few seconds, however much a request asks of it."""

from __future__ import annotations

from flask import Flask, g, request

from chat.models.database import database
from chat.routes.limits import PICTURES_IN


def set_up(app: Flask) -> None:
    @app.before_request
    def _begin() -> None:
        if request.endpoint not in PICTURES_IN:  # they may come over a slow line
            g.deadline = database.deadline()
            g.deadline.__enter__()

    @app.teardown_request
    def _end(_: BaseException | None) -> None:
        if "deadline" in g:
            g.pop("deadline").__exit__(None, None, None)
