"""Answer health checks: whether the chat answers, and whether the parts that it needs do."""

from __future__ import annotations

import threading

from flask import Blueprint, Response

from chat import VERSION, extensions
from chat.controllers import storage
from chat.models.database import DatabaseError, database
from chat.realtime.cluster.redis_queue import CONNECTED
from chat.routes.responses import json_answer

health = Blueprint("health", __name__)
# Only one probe runs at a time, so that a hanging database gets only one ping.
_one_at_a_time = threading.Lock()


@health.get("/up")
def up() -> Response:
    """Return 200 and the program's version, as soon as requests are served."""
    return json_answer({"ok": True, "version": VERSION})


@health.get("/ready")
def ready() -> Response:
    """Return the state of each part: 200 while the chat is usable, 503 without the database.

    An unreachable queue delays live events, and a full disk ends writing. A load balancer that
    stopped sending requests would make either worse. The keys were checked at the start.
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
    status = 200 if is_there else 503
    return json_answer({"ok": is_there, "missing": missing, "parts": parts}, status)
