"""gunicorn -c gunicorn.conf.py: the chat under gunicorn, with eventlet. See docs/operations.md."""

from __future__ import annotations

from config import load_settings

_settings = load_settings()

wsgi_app = "wsgi:create_app()"
bind = f"{_settings.host}:{_settings.port}"
worker_class = "eventlet"
workers = _settings.workers
worker_connections = 100_000     # the default refuses the thousand-and-first socket
control_socket_disable = True    # an open door that nobody asked for
timeout = 60
graceful_timeout = 10
keepalive = 75


def post_worker_init(worker: object) -> None:
    """The periodic jobs. Imported here: the configuration is read before the worker makes the standard library cooperative."""
    import gc

    from chat.controllers import jobs

    gc.collect()
    gc.freeze()  # as in wsgi.py
    jobs.start()
