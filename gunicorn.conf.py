"""The configuration of gunicorn: `gunicorn -c gunicorn.conf.py`. See docs/operations.md."""

from __future__ import annotations

import os
import warnings
from typing import Any

from chat.server.supervisor import give_up
from chat.utils import logs, metric_folder
from config import ConfigurationError, load_settings

# The deprecation is known: docs/decisions/0001 decides for eventlet.
warnings.filterwarnings("ignore", message="\nEventlet is deprecated")
warnings.filterwarnings("ignore", message=".*eventlet", module="gunicorn")

try:
    _settings = load_settings()
except ConfigurationError as error:
    give_up(str(error))

wsgi_app = "wsgi:create_app()"
bind = _settings.bind
worker_class = "chat.gunicorn_worker.Worker"
workers = _settings.workers
logconfig_dict = logs.configuration(_settings.log_level, _settings.log_format)
control_socket_disable = True  # nobody uses it, and it could be attacked
timeout = 60
graceful_timeout = 10

if workers > 1:
    metric_folder.make()

WATCH_SECONDS = 0.25  # between two checks whether the master runs


def post_worker_init(worker: Any) -> None:
    """Start the periodic jobs.

    The imports are in here because gunicorn reads this file before the worker's monkey patch.
    """
    import gc

    import eventlet

    from chat.controllers import jobs
    from chat.server.serve import welcome

    gc.collect()
    gc.freeze()  # see chat/server/serve.py
    jobs.start()
    if worker.age == 1:  # only the first worker greets the operator
        welcome(_settings)
    eventlet.spawn(_watch, worker)


def on_exit(_server: object) -> None:
    metric_folder.remove()


def worker_exit(_server: object, _worker: object) -> None:
    from chat.extensions import socketio

    socketio.drain()


def _watch(worker: Any) -> None:
    """End the worker when its master has ended in any way: an orphan would occupy the port.

    When the worker stops, drain the sockets first, because the worker waits for their polls.
    """
    import eventlet

    from chat.extensions import socketio

    while worker.alive:
        eventlet.sleep(WATCH_SECONDS)
        if os.getppid() != worker.ppid:
            worker.alive = False
    socketio.drain()
