"""gunicorn's eventlet worker, with the chat's own web server in it."""

from __future__ import annotations

import contextlib
from typing import Any

from gunicorn.workers.geventlet import EventletWorker  # makes the standard library cooperative

import eventlet  # isort: skip
import greenlet  # isort: skip
from eventlet.greenio import GreenSocket  # isort: skip

LOOK_SECONDS = 1.0  # between two signs of life for the master


class Worker(EventletWorker):  # type: ignore[misc]
    """Master, signals and settings are gunicorn's. chat/realtime/eventlet_http.py does the rest."""

    wsgi: Any

    def run(self) -> None:
        from chat.serve import serve_http

        listeners = map(GreenSocket, self.sockets)
        serving = [eventlet.spawn(serve_http, listener, self.wsgi) for listener in listeners]
        while self.alive:
            self.notify()
            eventlet.sleep(LOOK_SECONDS)
        self.notify()
        for each in serving:
            each.kill()  # no new connections, and idle ones are closed
        with eventlet.Timeout(self.cfg.graceful_timeout, False):
            for each in serving:
                with contextlib.suppress(greenlet.GreenletExit):
                    each.wait()
