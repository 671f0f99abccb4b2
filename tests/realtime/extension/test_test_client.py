"""`SocketIO.test_client`, beyond what Flask-SocketIO's own suite tests."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from typing import Any

import flask_socketio
import pytest
from flask import Flask, request
from flask_socketio import emit, join_room

from chat.realtime import SocketIO
from chat.realtime.cluster.redis_queue import RedisQueue
from chat.realtime.engineio.limits import PENDING_FROM_NETWORK
from tests.helpers.servers import ROOT

FAIL, REFUSE = {"and": "fail"}, {"and": "refuse"}


class App:
    def __init__(self, **options: Any):
        self.flask = Flask(__name__)
        self.carrier = SocketIO(self.flask, **options)
        self.goodbyes: list[tuple[str, str]] = []
        for handler in (self.echo, self.rest, self.join, self.tell, self.fail, self.put_out):
            self.carrier.on_event(handler.__name__, handler)
        self.carrier.on_event("connect", self.connect)
        self.carrier.on_event("disconnect", self.disconnect)

    def client(self, **options: Any) -> Any:
        return self.carrier.test_client(self.flask, **options)

    def connect(self, auth: Any) -> bool | None:
        if auth == FAIL:
            raise LookupError("connect failed")
        emit("welcome", auth)
        return False if auth == REFUSE else None

    def disconnect(self, reason: str) -> None:
        self.goodbyes.append((request.sid, reason))
        if "fail" in request.args:
            raise LookupError("disconnect failed")

    def echo(self, *what: Any) -> Any:
        emit("echo", what)
        return what

    def rest(self, seconds: float) -> str:
        self.carrier.sleep(seconds)
        return "rested"

    def join(self, room: str) -> None:
        join_room(room)

    def tell(self, room: str, what: Any) -> None:
        emit("told", what, to=room, include_self=False)

    def fail(self) -> None:
        raise LookupError("handler failed")

    def put_out(self, sid: str) -> None:
        self.carrier.disconnect(sid)


@pytest.fixture
def app() -> App:
    return App()


def sid_of(app: App, client: Any) -> str:
    return str(app.carrier.server.manager.sid_from_eio_sid(client.eio_sid, "/"))


def test_it_takes_what_flask_socketios_own_takes(app: App) -> None:
    theirs = flask_socketio.SocketIOTestClient
    ours = type(app.client())
    for name in ["__init__", *(name for name in vars(theirs) if not name.startswith("_"))]:
        if name == "clients":
            continue  # where theirs finds who a packet is for
        expected = list(inspect.signature(getattr(theirs, name)).parameters)
        given = list(inspect.signature(getattr(ours, name)).parameters)
        assert given == expected, name


def test_what_is_emitted_while_alice_connects_is_there_when_she_is_connected(app: App) -> None:
    alice = app.client(auth={"token": 1})
    welcome = {"name": "welcome", "args": [{"token": 1}], "namespace": "/"}
    assert alice.get_received() == [welcome]
    assert alice.get_received() == []


def test_bytes_and_other_signs_go_both_ways(app: App) -> None:
    alice = app.client()
    alice.get_received()
    content = ["ä💬", b"\x00\x1e\xff", {"deep": [b"", None, 1.5, True]}]
    assert alice.emit("echo", *content, callback=True) == content
    assert alice.get_received() == [{"name": "echo", "args": content, "namespace": "/"}]


def test_an_applications_own_json_is_understood() -> None:
    class Shouted:
        @staticmethod
        def dumps(value: Any, **options: Any) -> str:
            return json.dumps(value, **options).replace("alice", "ALICE")

        @staticmethod
        def loads(text: str) -> Any:
            return json.loads(text.replace("ALICE", "alice"))

    alice = App(json=Shouted).client()
    assert alice.emit("echo", "alice", callback=True) == "alice"


def test_who_is_in_the_room_hears_it_and_nobody_else(app: App) -> None:
    alice, bob, mallory = app.client(), app.client(), app.client()
    for client in (alice, bob):
        client.emit("join", "harbour")
    for client in (alice, bob, mallory):
        client.get_received()
    alice.emit("tell", "harbour", "ahoy")
    assert [event["args"] for event in bob.get_received()] == [["ahoy"]]
    assert alice.get_received() == mallory.get_received() == []


def test_a_handler_that_waits_is_waited_for(app: App) -> None:
    assert app.client().emit("rest", 0.05, callback=True) == "rested"


def test_nothing_is_acknowledged_where_nobody_handles_an_event(app: App) -> None:
    assert app.client().emit("unknown", callback=True) is None


def test_what_a_handler_raises_is_raised_where_the_event_was_sent(app: App) -> None:
    alice = app.client()
    with pytest.raises(LookupError, match="handler failed"):
        alice.emit("fail")
    assert alice.is_connected()
    assert alice.emit("echo", 1, callback=True) == 1
    with pytest.raises(LookupError, match="connect failed"):
        app.client(auth=FAIL)


def test_what_bobs_disconnect_handler_raises_is_raised_where_alice_put_him_out(app: App) -> None:
    alice, bob = app.client(), app.client(query_string="fail=1")
    with pytest.raises(LookupError, match="disconnect failed"):
        alice.emit("put_out", sid_of(app, bob))
    assert alice.is_connected()
    assert not bob.is_connected()


def test_bob_who_was_put_out_hears_and_says_no_more(app: App) -> None:
    alice, bob = app.client(), app.client()
    sid = sid_of(app, bob)
    alice.emit("put_out", sid)
    assert app.goodbyes == [(sid, SocketIO.reason.SERVER_DISCONNECT)]
    for call in (bob.get_received, bob.disconnect, lambda: bob.send("hello")):
        with pytest.raises(RuntimeError, match="not connected"):
            call()


def test_a_line_that_is_closed_below_ends_all_namespaces_of_bob(app: App) -> None:
    app.carrier.on_event("ping", lambda: None, namespace="/other")
    bob = app.client()
    bob.connect("/other")
    assert bob.is_connected("/other")
    app.carrier.close_transport(sid_of(app, bob))
    assert not bob.is_connected()
    assert not bob.is_connected("/other")
    bob.connect()
    assert bob.is_connected()


def test_alice_comes_back_on_the_same_line_and_connecting_twice_changes_nothing(app: App) -> None:
    alice = app.client(query_string="first=1")
    line, sid = alice.eio_sid, sid_of(app, alice)
    alice.connect()
    assert (alice.eio_sid, sid_of(app, alice)) == (line, sid)
    alice.disconnect()
    assert app.goodbyes == [(sid, SocketIO.reason.CLIENT_DISCONNECT)]
    alice.connect(query_string="second=1")
    assert alice.eio_sid == line
    assert sid_of(app, alice) != sid
    assert app.carrier.server.environ[line]["QUERY_STRING"] == "second=1"


def test_mallory_who_is_refused_may_try_again_as_often_as_she_likes(app: App) -> None:
    mallory = app.client(auth=REFUSE)
    for _ in range(5):
        assert not mallory.is_connected()
        mallory.connect(auth=REFUSE)
    mallory.connect()
    assert mallory.is_connected()


def test_what_no_client_of_the_protocol_sends_is_refused_with_a_sentence(app: App) -> None:
    mallory = app.client()
    with pytest.raises(ValueError, match="No client of the protocol sends this: "):
        mallory.emit("disconnect")
    assert not mallory.is_connected()
    assert app.goodbyes[0][1] == SocketIO.reason.TRANSPORT_ERROR


def test_a_client_answers_pings_and_stays(app: App) -> None:
    hurried = App(ping_interval=0.15, ping_timeout=0.15)
    alice = hurried.client()
    hurried.carrier.sleep(1)
    assert alice.is_connected()
    assert hurried.goodbyes == []


def test_nobody_is_cut_off_for_not_looking_at_what_came(app: App) -> None:
    alice = app.client()
    alice.get_received()
    for _ in range(30):
        app.carrier.emit("large", "x" * 100_000)
    assert len(alice.get_received()) == 30


def test_there_may_be_more_clients_than_one_address_may_have_in_life(app: App) -> None:
    clients = [app.client(namespace="/nowhere") for _ in range(PENDING_FROM_NETWORK + 1)]
    assert not any(client.is_connected("/nowhere") for client in clients)
    app.carrier.on_event("say", lambda: "said", namespace="/nowhere")
    clients[0].connect("/nowhere")
    assert clients[0].emit("say", namespace="/nowhere", callback=True) == "said"


def test_what_a_task_in_the_background_emits_is_received(app: App) -> None:
    alice = app.client()
    alice.get_received()
    app.carrier.start_background_task(app.carrier.emit, "later", 1)
    assert [event["name"] for event in alice.get_received()] == ["later"]


def test_bare_handlers_and_handlers_at_once_are_waited_for_as_well() -> None:
    app = App(async_handlers=True)
    app.carrier.on_event("bare", lambda sid, *args: [sid, *args], bare=True)
    alice = app.client()
    assert alice.emit("bare", 1, callback=True) == [sid_of(app, alice), 1]
    assert alice.emit("rest", 0.05, callback=True) == "rested"
    with pytest.raises(LookupError, match="handler failed"):
        alice.emit("fail")


def test_a_queue_that_is_away_takes_nothing_from_those_who_are_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(RedisQueue, "start", lambda _: None)
    app = App(message_queue="redis://127.0.0.1:1/0")
    alice = app.client()
    alice.get_received()
    app.carrier.emit("said", "here")
    assert [event["args"] for event in alice.get_received()] == [["here"]]


def test_a_server_that_makes_no_test_client_does_not_import_it() -> None:
    module = "chat.realtime.extension.test_client"
    program = f"import sys, chat.realtime; print('{module}' in sys.modules)"
    command = [sys.executable, "-c", program]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert answer.stdout == "False\n"
