"""`SocketIO` in place of Flask-SocketIO's: decorators, context, rooms, namespaces, callbacks.

Its own additions are tested here, too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import flask
import pytest
import socketio
from flask import Flask

from chat.realtime import SocketIO
from chat.realtime.socketio.server import AT_ONCE
from tests.helpers.servers import wait_until
from tests.realtime.tools import TEXT, Plain, Talker, frame


def test_a_handler_finds_the_request_that_opened_the_socket(patient: Plain) -> None:
    talker = Talker(patient, query="EIO=4&transport=websocket&greeting=hello")
    talker.call("join", "kitchen")
    assert talker.call("whoami") == [
        {
            "sid": talker.sid,
            "namespace": "/",
            "greeting": "hello",
            "rooms": sorted([talker.sid, "kitchen"]),
        }
    ]


def test_rooms_hear_what_is_said_in_them_and_nobody_else_does(patient: Plain) -> None:
    alice, bob, carol, mallory = (Talker(patient) for _ in range(4))
    for member in (alice, bob, carol):
        member.call("join", "harbour")
    alice.event("say", "harbour", "ahoy")
    assert [bob.hears("said"), carol.hears("said")] == [["ahoy"], ["ahoy"]]
    carol.event("leave", "harbour")
    carol.call("message-with-ack")
    alice.event("say", "harbour", "again")
    assert bob.hears("said") == ["again"]
    for outsider in (alice, carol, mallory):  # whoever speaks is left out, as asked for
        outsider.event("message", "next")
        assert outsider.next() == '42["message-back","next"]'


def test_a_room_called_after_everybody_a_list_of_rooms_and_somebody_left_out(
    patient: Plain,
) -> None:
    alice, bob, carol = (Talker(patient) for _ in range(3))
    alice.call("join", "a")
    for room in ("a", "b"):
        bob.call("join", room)
    carol.call("join", "b")
    patient.post("/emit", event="said", data="once", to=["a", "b"])
    assert [member.hears("said") for member in (alice, bob, carol)] == [["once"]] * 3
    patient.post("/emit", event="said", data="to some", skip_sid=[alice.sid, carol.sid])
    patient.post("/emit", event="said", data=["to", "one"], to=carol.sid)
    patient.post("/emit", event="said", data=None)
    assert [bob.hears("said"), bob.hears("said")] == [["to some"], []]
    assert [carol.hears("said"), carol.hears("said")] == [[["to", "one"]], []]
    assert alice.hears("said") == []


def test_everybody_hears_a_broadcast_whatever_their_transport(patient: Plain) -> None:
    sid, talker = patient.poll_session(connected=True), Talker(patient)
    talker.event("shout", {"ahoy": "💬"})
    assert talker.hears("said") == [{"ahoy": "💬"}]
    assert patient.get(sid).text == '42["said",{"ahoy":"💬"}]'


def test_send_unknown_events_and_class_based_namespaces(patient: Plain) -> None:
    talker = Talker(patient)
    talker.event("send", "plain")
    assert talker.hears("message") == ["plain"]
    assert talker.call("never heard of", 1, 2) == [["unknown", "never heard of", [1, 2]]]
    talker.send("40/clock,")
    assert str(talker.next()).startswith("40/clock")
    talker.send('42/clock,7["time","utc"]')
    assert talker.next() == '43/clock,7[["noon","utc"]]'


def test_a_bare_handler_is_called_with_the_sid_and_without_a_request(patient: Plain) -> None:
    talker = Talker(patient)
    assert talker.call("bare", 1, {"a": 2}) == [[talker.sid, 1, {"a": 2}]]


def test_a_handler_that_fails_is_logged_and_costs_nobody_the_line(patient: Plain) -> None:
    talker = Talker(patient)
    talker.send('423["fail"]')
    assert talker.call("message-with-ack", "here") == ["here"]
    assert "RuntimeError: meant to fail" in patient.complaints


@pytest.mark.parametrize("transports", [["websocket"], ["polling"], ["polling", "websocket"]])
def test_python_socketio_talks_over_every_transport_in_order(
    patient: Plain, transports: list[str]
) -> None:
    patient.post("/reset")
    client = socketio.Client(reconnection=False)
    back: list[object] = []
    client.on("message-back", lambda *content: back.append(list(content)))
    client.connect(patient.url, transports=transports, auth={"token": 1})
    assert client.call("message-with-ack", ("a", b"\x00\xff", {"b": [b"c"]})) == (
        "a",
        b"\x00\xff",
        {"b": [b"c"]},
    )
    for number in range(200):
        client.emit("slow", (number, 0))
    wait_until(lambda: len(patient.state["heard"]) == 200, "all are handled")
    assert patient.state["heard"] == list(range(200))
    assert client.transport() == transports[-1]
    sid = client.get_sid()
    assert sid
    client.disconnect()
    assert patient.goodbye(sid) in ("client disconnect", "transport close"), (
        "this client may hang up before it has said goodbye"
    )


def test_who_comes_and_goes_leaves_nothing_behind(patient: Plain) -> None:
    before = patient.state
    for _ in range(50):
        talker = Talker(patient)
        talker.call("join", "for a moment")
        talker.close()
    wait_until(
        lambda: patient.state["counters"]["open_sockets"] <= before["counters"]["open_sockets"],
        "all are gone",
    )
    wait_until(
        lambda: patient.state["environs"] <= before["environs"], "nothing of their requests is kept"
    )
    assert set(patient.state["sids"]) <= set(before["sids"])


def test_an_origin_that_is_not_allowed_is_refused(another: Callable[..., Plain]) -> None:
    app = another(cors_allowed_origins=["https://chat.example.org"])
    own, foreign = {"Origin": "https://chat.example.org"}, {"Origin": "https://evil.example"}
    address = app.url + "/socket.io/?EIO=4&transport=polling"
    assert app.http.get(address, headers=foreign, timeout=5).status_code == 400
    answer = app.http.get(address, headers=own, timeout=5)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (
        200,
        "https://chat.example.org",
    )


def test_a_session_cookie_and_compressed_polls_as_flask_socketio_has_them(
    another: Callable[..., Plain],
) -> None:
    app = another(cookie="io")
    assert "io=" in app.get().headers["Set-Cookie"]
    sid = app.poll_session(connected=True)
    app.post("/emit", event="long", data="x" * 5000)
    answer = app.get(sid)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.text == f'42["long","{"x" * 5000}"]'


def test_always_connect_puts_the_packet_first(another: Callable[..., Plain]) -> None:
    app = another(always_connect=True)
    began = time.monotonic()
    Talker(app, {"slow": 0.1})
    assert time.monotonic() - began < 3
    line = Talker.__mro__[1](app.port)
    line.next()
    line.send('40{"refuse":"no"}')
    assert str(line.next()).startswith("40{")
    assert line.next() == "41"


def test_handlers_may_be_registered_before_and_after_and_json_may_be_anybodys() -> None:
    app, carrier = Flask(__name__), SocketIO()
    carrier.on_event("before", print)
    carrier.init_app(app, json=json)
    carrier.on_event("after", print, namespace="/n")
    carrier.on_event("bare", print, bare=True)
    assert set(carrier.server.handlers["/"]) == {"before", "bare"}
    assert set(carrier.server.handlers["/n"]) == {"after"}
    assert carrier.server.json.dumps({"a": [b"x"]}) == (
        b'{"a":[{"_placeholder":true,"num":0}]}',
        [b"x"],
    )
    assert carrier.queue_state == "off"
    carrier.notify("news", {"nobody": "hears it"})
    carrier.emit("nobody", {"hears": "it"})
    with_flask = SocketIO(Flask(__name__), json=flask.json)
    assert with_flask.server.json.dumps([1]) == (b"[1]", [])


def test_where_all_handlers_are_bare_nothing_of_the_request_is_kept() -> None:
    app, carrier = Flask(__name__), SocketIO()
    carrier.on_event("connect", lambda: None)
    carrier.on_event("message", lambda sid: None, bare=True)
    carrier.init_app(app)
    assert carrier.server.environ_wanted is False
    carrier.on_event("other", lambda: None)
    assert carrier.server.environ_wanted is True


def test_a_handler_can_know_how_long_its_event_waited_for_its_turn(patient: Plain) -> None:
    talker = Talker(patient)
    assert talker.call("waited")[0] < 0.2
    both = [b'42["slow",1,0.3]', b'427["waited"]']
    talker.socket.sendall(b"".join(frame(TEXT, event) for event in both))
    (waited,) = json.loads(talker.until("437[")[3:])
    assert 0.2 < waited < 2


def order_of_answers(app: Plain, *seconds: float) -> list[int]:
    """Return the acknowledgements' numbers in order of arrival.

    The events take the given times.
    """
    talker = Talker(app)
    events = [f'42{number}["slow",{number},{pause}]' for number, pause in enumerate(seconds)]
    talker.socket.sendall(b"".join(frame(TEXT, event.encode()) for event in events))
    return [int(talker.until("43")[2:].partition("[")[0]) for _ in seconds]


def test_the_events_of_one_client_are_answered_in_order(patient: Plain) -> None:
    assert order_of_answers(patient, 0.2, 0, 0.1, 0) == [0, 1, 2, 3]


def test_with_async_handlers_what_takes_long_does_not_hold_up_what_comes_after(
    another: Callable[..., Plain],
) -> None:
    app = another(async_handlers=True)
    assert order_of_answers(app, 0.4, 0, 0.2, 0) == [1, 3, 2, 0]
    crowd = order_of_answers(app, *[0.4] * (AT_ONCE + 1), 0)
    assert len(crowd) == AT_ONCE + 2
    assert crowd[0] != AT_ONCE + 1, "the last one waits until a handler before it is done"


def test_with_async_handlers_a_handler_that_fails_is_logged_and_costs_nobody_the_line(
    another: Callable[..., Plain],
) -> None:
    app = another(async_handlers=True)
    talker = Talker(app)
    talker.event("fail")
    assert talker.call("message-with-ack", "here") == ["here"]
    assert app.complaints.count("RuntimeError: meant to fail") == 1
