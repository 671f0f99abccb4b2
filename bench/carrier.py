"""The measured server: chat.realtime without an application.

`python -m bench.carrier PORT [REDIS_URL]`
"""

# ruff: noqa: E402  nothing may be imported before the standard library is made cooperative
import warnings

warnings.filterwarnings("ignore", message="\nEventlet is deprecated")
import eventlet

eventlet.monkey_patch()

import gc
import sys

from flask import Flask

from chat.realtime import SocketIO, descriptors
from chat.realtime.loop import http_server

app, carrier = Flask(__name__), SocketIO()
carrier.on_event("connect", lambda: None)


def join(sid: str, room: str) -> bool:
    carrier.enter_room(sid, room)
    return True


def say(_sid: str, room: str, number: int, padding: str) -> int:
    carrier.emit("said", {"number": number, "text": padding}, to=room)
    return number


@app.get("/state")
def state() -> dict[str, str]:
    return {"queue": carrier.queue_state}


def main() -> None:
    port, *redis = sys.argv[1:]
    carrier.on_event("join", join, bare=True)
    carrier.on_event("say", say, bare=True)
    carrier.init_app(
        app, limits=False, manage_session=False, message_queue=redis[0] if redis else None
    )
    gc.collect()
    gc.freeze()
    listener = eventlet.listen(("127.0.0.1", int(port)), backlog=4096)
    http_server.serve(listener, app, most_sockets=descriptors.most_sockets())


if __name__ == "__main__":
    main()
