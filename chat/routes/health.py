"""For machines that watch the chat: does it answer, and is all it needs there?"""

from __future__ import annotations

import threading

from flask import Blueprint, Response

from chat import extensions
from chat.models.database import DatabaseError, database
from chat.routes.answers import json_answer

health = Blueprint("health", __name__)
_one_at_a_time = threading.Lock()  # a database that hangs is asked once, not by every probe at once


@health.get("/up")
def up() -> Response:
    """200 as soon as requests are served."""
    return json_answer({"ok": True})


@health.get("/ready")
def ready() -> Response:
    """200 with database and queue in order; 503 names what is missing. The keys were proved at the start."""
    missing = ["queue"] if extensions.socketio.queue_state == "away" else []
    with _one_at_a_time:
        try:
            database.ping()
        except DatabaseError:
            missing.append("database")
    return json_answer({"ok": not missing, "missing": missing}, 503 if missing else 200)
