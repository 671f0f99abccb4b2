"""Options of `SocketIO`: the check of unsupported ones, and Flask's JSON."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import flask
from flask import Flask

from chat.realtime.cluster.shared_fan_out import SharedFanOut

TLS_OPTIONS = frozenset({"certfile", "ciphers", "keyfile", "ssl_context", "ssl_version"})


def check_manager(manager: Any, url: str | None) -> None:
    """Raise ValueError if `manager` is not ours, or if the queue at `url` is not Redis."""
    is_ours = manager is None or isinstance(manager, SharedFanOut)
    if not is_ours:
        raise ValueError("client_manager: give message_queue the URL of a Redis server instead")
    if url and not url.startswith(("redis://", "rediss://")):
        scheme = url.partition(":")[0]
        raise ValueError(f"message_queue: only redis:// and rediss:// are supported, not {scheme}")


def json_within(app: Flask) -> Any:
    """Return Flask's JSON module for use outside an application context.

    Flask's JSON takes its settings from the current application context.
    """

    def dumps(value: Any, **options: Any) -> str:
        with app.app_context():
            return flask.json.dumps(value, **options)

    def loads(text: str, **options: Any) -> Any:
        with app.app_context():
            return flask.json.loads(text, **options)

    return SimpleNamespace(dumps=dumps, loads=loads)
