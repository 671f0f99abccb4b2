"""The gunicorn worker class: gunicorn's eventlet worker with the chat's own web server."""

from __future__ import annotations

import contextlib
from typing import Any

from gunicorn.workers.geventlet import EventletWorker  # makes the standard library cooperative

import eventlet  # isort: skip
import greenlet  # isort: skip
from eventlet.greenio import GreenSocket  # isort: skip

LOOK_SECONDS = 1.0  # between two signs of life that the worker gives to the master


class Worker(EventletWorker):  # type: ignore[misc]
    """An eventlet worker that serves HTTP with chat/realtime/loop/http_server.py.

    gunicorn provides the master, the signals and the settings.
    """

    wsgi: Any

    def run(self) -> None:
        from chat.server.serve import serve_http

        listeners = map(GreenSocket, self.sockets)
        serving = [eventlet.spawn(serve_http, listener, self.wsgi) for listener in listeners]
        while self.alive:
            self.notify()
            eventlet.sleep(LOOK_SECONDS)
        self.notify()
        for each in serving:
            each.kill()  # the killed server accepts no connections, and closes idle ones
        with eventlet.Timeout(self.cfg.graceful_timeout, False):
            for each in serving:
                with contextlib.suppress(greenlet.GreenletExit):
                    each.wait()
