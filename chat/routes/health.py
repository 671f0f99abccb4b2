"""For machines that watch the chat: does it answer, and is all it needs there?"""

from __future__ import annotations

import threading

from flask import Blueprint, Response

from chat import extensions
from chat.controllers import storage
from chat.models.database import DatabaseError, database
from chat.realtime.queue import CONNECTED
from chat.routes.responses import json_answer

health = Blueprint("health", __name__)
_one_at_a_time = (
    threading.Lock()
)  # probes ask one after another: a database that hangs has one ping


@health.get("/up")
def up() -> Response:
    """200 as soon as requests are served."""
    return json_answer({"ok": True})


@health.get("/ready")
def ready() -> Response:
    """200 as long as the chat can be used, and the state of each part; 503 without the database.

    A queue that is away makes live events late, a full disk ends writing: a balancer that took the
    chat away for it would make more of it. The keys were proved at the start.
    """
    with _one_at_a_time:
        try:
            database.ping()
            is_there = True
        except DatabaseError:
            is_there = False
    queue = extensions.socketio.queue_state
    parts = {
        "database": "ok" if is_there else "away",
        "queue": "ok" if queue == CONNECTED else queue,
        "disk": storage.disk_state(),
    }
    missing = [name for name, state in parts.items() if state in ("away", "full")]
    return json_answer(
        {"ok": is_there, "missing": missing, "parts": parts}, 200 if is_there else 503
    )
