"""A plain Flask app on chat.realtime.SocketIO, as another developer would write it.

`python -m tests.realtime.app PORT OPTIONS`
"""

# ruff: noqa: E402  nothing may be imported before the standard library is made cooperative
import warnings

warnings.filterwarnings("ignore", message="\nEventlet is deprecated")
import eventlet

eventlet.monkey_patch()

import dataclasses
import json
import resource
import sys
import threading
import time
from pathlib import Path

from flask import Flask, jsonify, request, session
from flask_socketio import (
    ConnectionRefusedError,
    Namespace,
    emit,
    join_room,
    leave_room,
    rooms,
    send,
)

from chat.realtime import SocketIO, descriptors
from chat.realtime.loop import http_server
from chat.realtime.loop.reading import Patience

app = Flask(__name__)
app.secret_key = "a secret of the tests"
socketio = SocketIO()
goodbyes: list[dict[str, str]] = []
heard: list[object] = []
notices: list[object] = []
stalls: list[float] = []
plain: list[str] = []


@socketio.on("connect")
def connect(auth):
    if (auth or {}).get("refuse"):
        raise ConnectionRefusedError("no entry", {"reason": auth["refuse"]})
    if (auth or {}).get("slow"):
        socketio.sleep(auth["slow"])
    session["greeting"] = request.args.get("greeting", "")
    emit("auth", auth or {})


@socketio.on("disconnect")
def disconnect(reason):
    goodbyes.append({"sid": request.sid, "reason": reason})


@socketio.on("message")
def message(*args):
    emit("message-back", args)


@socketio.on("message-with-ack")
def message_with_ack(*args):
    return args


@socketio.on("whoami")
def whoami():
    return {
        "sid": request.sid,
        "namespace": request.namespace,
        "greeting": session.get("greeting"),
        "rooms": sorted(rooms()),
    }


@socketio.on("join")
def join(room):
    join_room(room)
    return True


@socketio.on("leave")
def leave(room):
    leave_room(room)


@socketio.on("say")
def say(room, what):
    emit("said", what, to=room, include_self=False)


@socketio.on("tell")
def tell(room, what):
    emit("said", what, to=room)


@socketio.on("shout")
def shout(what):
    emit("said", what, broadcast=True)


@socketio.on("send")
def send_it(what):
    send(what)


@socketio.on("question")
def question(to):
    emit("question", "what time is it?", to=to, callback=lambda *answer: heard.append(list(answer)))


@socketio.on("call")
def call():
    return socketio.call("question", "and now?", to=request.sid, timeout=5)


@socketio.on("slow")
def slow(number, seconds):
    socketio.sleep(seconds)
    heard.append(number)
    return number


@socketio.on("fail")
def fail():
    raise RuntimeError("meant to fail")


@socketio.on("put out")
def put_out(sid):
    socketio.disconnect(sid)


@socketio.on("close transport")
def close_transport():
    socketio.close_transport(request.sid)


@socketio.on("flood")
def flood(room, count, size):
    for number in range(count):
        socketio.emit("drop", [number, "x" * size], to=room)
        if not number % 20:
            socketio.sleep(0)


@socketio.on("*")
def anything(event, *args):
    return ["unknown", event, list(args)]


socketio.on_event("bare", lambda sid, *args: [sid, *args], bare=True)
socketio.on_event("waited", lambda sid: time.monotonic() - socketio.arrived_at(sid), bare=True)


@socketio.on("connect", namespace="/custom")
def connect_custom(auth):
    emit("auth", auth or {})


@socketio.on("message", namespace="/custom")
def message_custom(*args):
    emit("message-back", args)


class Clock(Namespace):
    def on_time(self, *args):
        return ["noon", *args]


socketio.on_namespace(Clock("/clock"))
socketio.on_notice("news", notices.append)
socketio.on_queue_return(lambda: notices.append("back"))


@app.get("/up")
def up():
    return "ok"


@app.get("/state")
def state():
    server = socketio.server
    return jsonify(
        goodbyes=goodbyes,
        heard=heard,
        notices=notices,
        queue=socketio.queue_state,
        counters=dataclasses.asdict(socketio.counters),
        memory=int(resource_now()),
        stall=max(stalls, default=0.0),
        environs=len(server.environ),
        threads=threading.active_count(),
        sids=socketio.sids_in(None),
        namespaces=list(server.manager.get_namespaces()),
    )


@app.post("/emit")
def emit_from_outside():
    given = request.get_json()
    callback = (lambda *answer: heard.append(list(answer))) if given.pop("ask", False) else None
    socketio.emit(given.pop("event"), given.pop("data", None), callback=callback, **given)
    return "ok"


@app.post("/notify")
def notify():
    for number in range(request.get_json()["count"]):
        socketio.notify("news", {"number": number})
    return "ok"


@app.post("/reset")
def reset():
    for kept in (goodbyes, heard, notices, stalls):
        kept.clear()
    return "ok"


def resource_now():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def watch_stalls():
    clock = eventlet.hubs.get_hub().clock
    before = clock()
    while True:
        eventlet.sleep(0.005)
        now = clock()
        stalls.append(now - before - 0.005)
        del stalls[:-20_000]
        before = now


def main():
    port, options = int(sys.argv[1]), json.loads(sys.argv[2])
    http = {"most_sockets": descriptors.most_sockets()} | options.pop("http", {})
    patience = Patience(**http.pop("patience", {}))
    socketio.init_app(app, **options)
    eventlet.spawn(watch_stalls)
    listener = eventlet.listen(("127.0.0.1", port), backlog=4096)
    headers = [("X-Content-Type-Options", "nosniff")]
    http_server.serve(
        listener, app, patience=patience, make_room=socketio.make_room, headers=headers, **http
    )


if __name__ == "__main__":
    main()
