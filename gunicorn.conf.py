"""gunicorn -c gunicorn.conf.py: the chat under gunicorn, with eventlet. See docs/operations.md."""

from __future__ import annotations

import os
import warnings
from typing import Any

from chat.supervisor import give_up
from chat.utils import logs
from config import ConfigurationError, load_settings

# Known, and decided: docs/decisions/0001.
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
control_socket_disable = True  # an open door that nobody asked for
timeout = 60
graceful_timeout = 10

WATCH_SECONDS = 0.25  # between two looks whether the master is there


def post_worker_init(worker: Any) -> None:
    """The periodic jobs. Imported here: the configuration is read before the worker makes the standard library cooperative."""
    import gc

    import eventlet

    from chat.controllers import jobs
    from chat.serve import welcome

    gc.collect()
    gc.freeze()  # as in chat/serve.py
    jobs.start()
    if worker.age == 1:  # the first one
        welcome(_settings)
    eventlet.spawn(_watch, worker)


def worker_exit(_server: object, _worker: object) -> None:
    from chat.extensions import socketio

    socketio.drain()


def _watch(worker: Any) -> None:
    """Ends the worker when its master is gone, however it went: an orphan would hold the port.

    Sends the sockets elsewhere when the worker is told to stop, because it waits for the polls among them.
    """
    import eventlet

    from chat.extensions import socketio

    while worker.alive:
        eventlet.sleep(WATCH_SECONDS)
        if os.getppid() != worker.ppid:
            worker.alive = False
    socketio.drain()
