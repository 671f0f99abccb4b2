"""Every public name and option of Flask-SocketIO's classes works here, or raises that it does not.

A name or an option that an upgrade adds is missing from the tables below, and fails.
"""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import engineio
import flask_socketio
import pytest
import socketio
from flask import Flask, json
from werkzeug.test import TestResponse

from chat.realtime import SocketIO
from chat.realtime.cluster.redis_queue import RedisQueue


class Shelf(flask_socketio.Namespace):
    def on_take(self, what: str) -> str:
        return f"took {what}"


@dataclass
class World:
    """An app in which alice and bob are connected, and mallory in another namespace."""

    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.app = Flask(__name__)
        self.app.secret_key = "a secret of the tests"
        self.carrier = SocketIO(self.app, **self.options)
        self.goodbyes: list[str] = []
        self.carrier.on_event("disconnect", self.goodbyes.append)
        self.carrier.on_event("ask", lambda *what: list(what))
        self.carrier.on_event("fail", self.fail)
        self.carrier.on_event("other", lambda: None, namespace="/other")
        self.alice, self.bob = self.join(), self.join()
        self.mallory = self.join(namespace="/other")

    def join(self, **options: Any) -> Any:
        return self.carrier.test_client(self.app, **options)

    def fail(self) -> None:
        raise LookupError("meant to fail")

    @property
    def server(self) -> Any:
        return self.carrier.server

    def sid(self, client: Any, namespace: str = "/") -> str:
        sid = self.server.manager.sid_from_eio_sid(client.eio_sid, namespace)
        assert isinstance(sid, str)
        return sid

    def hears(self, client: Any, namespace: str | None = None) -> list[tuple[str, Any]]:
        return [(event["name"], event["args"]) for event in client.get_received(namespace)]


@pytest.fixture
def world() -> World:
    return World()


def names_of(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


# flask_socketio.SocketIO


def emits(world: World) -> None:
    world.carrier.emit("said", "hello")
    world.carrier.emit("said", "to bob", to=world.sid(world.bob))
    world.carrier.emit("said", "not to alice", skip_sid=world.sid(world.alice))
    assert world.hears(world.alice) == [("said", ["hello"])]
    assert world.hears(world.bob)[1:] == [("said", ["to bob"]), ("said", ["not to alice"])]
    assert world.hears(world.mallory, "/other") == []


def sends(world: World) -> None:
    world.carrier.send("plain")
    world.carrier.send({"a": 1}, json=True, to=world.sid(world.alice))
    assert world.hears(world.alice) == [("message", "plain"), ("json", {"a": 1})]
    assert world.hears(world.bob) == [("message", "plain")]


def calls(world: World) -> None:
    with pytest.raises(socketio.exceptions.TimeoutError):
        world.carrier.call("question", to=world.sid(world.alice), timeout=0.01)
    assert world.hears(world.alice) == [("question", [])]


def handles(world: World) -> None:
    world.carrier.on("later")(lambda what: [what])
    assert world.alice.emit("later", 1, callback=True) == [1]


def handles_by_the_name_of_the_function(world: World) -> None:
    @world.carrier.event
    def soon() -> str:
        return "soon"

    assert world.alice.emit("soon", callback=True) == "soon"


def handles_by_a_class(world: World) -> None:
    world.carrier.on_namespace(Shelf("/shelf"))
    carol = world.join(namespace="/shelf")
    assert carol.emit("take", "a book", namespace="/shelf", callback=True) == "took a book"


def handles_errors(world: World) -> None:
    world.carrier.on_error()(lambda error: f"mended {error}")
    assert world.alice.emit("fail", callback=True) == "mended meant to fail"


def handles_all_errors(world: World) -> None:
    world.carrier.on_error_default(lambda error: "mended")
    assert world.alice.emit("fail", callback=True) == "mended"


def closes_a_room(world: World) -> None:
    world.carrier.enter_room(world.sid(world.bob), "harbour")
    world.carrier.close_room("harbour")
    world.carrier.emit("said", "ahoy", to="harbour")
    assert world.hears(world.bob) == []


def makes_a_server(world: World) -> None:
    late = SocketIO()
    late.init_app(world.app)
    assert world.app.extensions["socketio"] is late


def sleeps_while_tasks_run(world: World) -> None:
    done: list[int] = []
    task = world.carrier.start_background_task(done.append, 1)
    for _ in range(1_000):  # a busy loop may be late
        world.carrier.sleep(0.001)
        if done:
            break
    assert done == [1]
    task.join()


def stops(world: World) -> None:
    with pytest.raises(SystemExit):
        world.carrier.stop()


def runs_without_tls(world: World) -> None:
    with pytest.raises(ValueError, match="certfile, keyfile: no TLS"):
        world.carrier.run(world.app, certfile="a", keyfile="b")


def makes_a_client(world: World) -> None:
    assert world.join().is_connected()


def names_reasons(world: World) -> None:
    world.alice.disconnect()
    assert world.goodbyes == [SocketIO.reason.CLIENT_DISCONNECT]


SOCKETIO: dict[str, Callable[[World], None]] = {
    "call": calls,
    "close_room": closes_a_room,
    "emit": emits,
    "init_app": makes_a_server,
    "event": handles_by_the_name_of_the_function,
    "on": handles,
    "on_event": handles,
    "on_error": handles_errors,
    "on_error_default": handles_all_errors,
    "on_namespace": handles_by_a_class,
    "reason": names_reasons,
    "run": runs_without_tls,
    "send": sends,
    "sleep": sleeps_while_tasks_run,
    "stop": stops,
    "test_client": makes_a_client,
    "start_background_task": sleeps_while_tasks_run,
}


# its `server`: socketio.Server


def server_emits(world: World) -> None:
    world.server.emit("said", ("two", "things"), to=world.sid(world.bob))
    world.server.send("plain", to=world.sid(world.bob))
    assert world.hears(world.bob) == [("said", ["two", "things"]), ("message", "plain")]
    assert world.hears(world.alice) == []


def server_calls(world: World) -> None:
    with pytest.raises(ValueError, match="broadcast"):
        world.server.call("question")
    calls(world)


def server_moves_people(world: World) -> None:
    sid = world.sid(world.alice)
    world.server.enter_room(sid, "harbour")
    assert world.server.rooms(sid) == [sid, "harbour"]
    world.server.leave_room(sid, "harbour")
    assert world.server.rooms(sid) == [sid]
    world.server.enter_room(sid, "harbour")
    world.server.close_room("harbour")
    assert world.server.rooms(sid) == [sid]


def server_puts_out(world: World) -> None:
    world.server.disconnect(world.sid(world.alice))
    assert not world.alice.is_connected()
    assert world.goodbyes == [world.server.reason.SERVER_DISCONNECT]
    assert world.bob.is_connected()


def server_handles(world: World) -> None:
    world.server.on("later", lambda sid, what: [sid, what])
    world.server.event(namespace="/other")(greet)
    assert world.alice.emit("later", 1, callback=True) == [world.sid(world.alice), 1]
    assert world.mallory.emit("greet", namespace="/other", callback=True) == "hello"


def greet(_: str) -> str:
    return "hello"


def server_handles_by_a_class(world: World) -> None:
    class Box(socketio.Namespace):
        def on_open(self, sid: str) -> str:
            return sid

    world.server.register_namespace(Box("/box"))
    carol = world.join(namespace="/box")
    sid = world.sid(carol, "/box")
    assert carol.emit("open", namespace="/box", callback=True) == sid


def server_knows_the_request(world: World) -> None:
    carol = world.join(query_string="a=b")
    assert world.server.get_environ(world.sid(carol))["QUERY_STRING"] == "a=b"


def server_keeps_sessions(world: World) -> None:
    sid = world.sid(world.alice)
    world.server.save_session(sid, {"name": "alice"})
    with world.server.session(sid) as session:
        session["age"] = 30
    assert world.server.get_session(sid) == {"name": "alice", "age": 30}
    assert world.server.get_session(world.sid(world.bob)) == {}


def server_takes_requests(world: World) -> None:
    status = []
    environ = {"REQUEST_METHOD": "PUT", "QUERY_STRING": "transport=polling&EIO=4"}
    body = world.server.handle_request(environ, lambda line, _: status.append(line))
    assert status == ["400 BAD REQUEST"]
    assert b"Bad handshake method" in body[0]


def server_has_no_admin(world: World) -> None:
    with pytest.raises(NotImplementedError, match=r"instrument: .*Admin UI"):
        world.server.instrument(auth=False)


def server_shuts_down(world: World) -> None:
    """It ends what python-engineio has in the background, which is nothing here."""
    world.server.shutdown()
    assert world.alice.emit("ask", 1, callback=True) == [1]


def server_tells_the_transport(world: World) -> None:
    assert world.server.transport(world.sid(world.alice)) == "polling"


def server_sleeps(world: World) -> None:
    done: list[int] = []
    world.server.start_background_task(done.append, 1)
    world.server.sleep(0.001)
    assert done == [1]


def server_is_not_asyncio(world: World) -> None:
    assert not world.server.is_asyncio_based()


def server_keeps_reserved_names(world: World) -> None:
    world.carrier.on_event("*", lambda *_: "anything")
    assert world.alice.emit("unknown", callback=True) == "anything"
    for name in world.server.reserved_events:
        with pytest.raises(ValueError, match="No client of the protocol sends this"):
            world.join().emit(name)


SERVER: dict[str, Callable[[World], None]] = {
    "call": server_calls,
    "close_room": server_moves_people,
    "disconnect": server_puts_out,
    "emit": server_emits,
    "enter_room": server_moves_people,
    "event": server_handles,
    "get_environ": server_knows_the_request,
    "get_session": server_keeps_sessions,
    "handle_request": server_takes_requests,
    "instrument": server_has_no_admin,
    "is_asyncio_based": server_is_not_asyncio,
    "leave_room": server_moves_people,
    "on": server_handles,
    "reason": server_puts_out,
    "register_namespace": server_handles_by_a_class,
    "rooms": server_moves_people,
    "reserved_events": server_keeps_reserved_names,
    "save_session": server_keeps_sessions,
    "send": server_emits,
    "session": server_keeps_sessions,
    "shutdown": server_shuts_down,
    "sleep": server_sleeps,
    "start_background_task": server_sleeps,
    "transport": server_tells_the_transport,
}


# below it: engineio.Server


def eio(world: World) -> Any:
    return world.server.eio


def eio_knows_one_loop(world: World) -> None:
    assert eio(world).async_modes() == ["eventlet"]
    assert not eio(world).is_asyncio_based()


def eio_makes_queues_and_events(world: World) -> None:
    queue, event = eio(world).create_queue(), eio(world).create_event()
    with pytest.raises(eio(world).get_queue_empty_exception()):
        queue.get_nowait()
    event.set()
    assert event.wait(timeout=1)


def eio_closes(world: World) -> None:
    eio(world).disconnect(world.alice.eio_sid)
    assert not world.alice.is_connected()
    assert world.goodbyes == [eio(world).reason.SERVER_DISCONNECT]


def eio_keeps_its_events(world: World) -> None:
    for name in eio(world).event_names:
        with pytest.raises(NotImplementedError, match=r"eio\.on: "):
            eio(world).on(name, print)


def eio_sends_events_alone(world: World) -> None:
    with pytest.raises(NotImplementedError, match=r"eio\.send: "):
        eio(world).send(world.alice.eio_sid, "text")
    with pytest.raises(NotImplementedError, match=r"eio\.send_packet: "):
        eio(world).send_packet(world.alice.eio_sid, None)


def eio_keeps_sessions(world: World) -> None:
    eio(world).save_session(world.alice.eio_sid, {"a": 1})
    with eio(world).session(world.alice.eio_sid) as session:
        session["b"] = 2
    assert eio(world).get_session(world.alice.eio_sid) == {"a": 1, "b": 2}


def eio_makes_sids(world: World) -> None:
    assert len({eio(world).generate_id() for _ in range(100)}) == 100
    assert eio(world).sequence_number >= 100


def eio_knows_transports(world: World) -> None:
    assert eio(world).transport(world.alice.eio_sid) == "polling"
    assert eio(world).valid_transports == ["polling", "websocket"]


def eio_compresses(world: World) -> None:
    """test_drop_in.py reads a poll that is compressed."""
    assert eio(world).compression_methods == ["gzip", "deflate"]


ENGINE: dict[str, Callable[[World], None]] = {
    "async_modes": eio_knows_one_loop,
    "compression_methods": eio_compresses,
    "create_event": eio_makes_queues_and_events,
    "create_queue": eio_makes_queues_and_events,
    "disconnect": eio_closes,
    "event_names": eio_keeps_its_events,
    "generate_id": eio_makes_sids,
    "get_queue_empty_exception": eio_makes_queues_and_events,
    "get_session": eio_keeps_sessions,
    "handle_request": server_takes_requests,
    "is_asyncio_based": eio_knows_one_loop,
    "on": eio_keeps_its_events,
    "reason": eio_closes,
    "save_session": eio_keeps_sessions,
    "send": eio_sends_events_alone,
    "send_packet": eio_sends_events_alone,
    "sequence_number": eio_makes_sids,
    "session": eio_keeps_sessions,
    "sleep": server_sleeps,
    "shutdown": server_shuts_down,
    "start_background_task": server_sleeps,
    "transport": eio_knows_transports,
    "valid_transports": eio_knows_transports,
}


# classes of handlers: flask_socketio.Namespace


@dataclass
class Shore:
    """A class of handlers, and carol and dave, who are connected to its namespace."""

    world: World

    def __post_init__(self) -> None:
        self.shelf = Shelf("/shelf")
        self.world.carrier.on_namespace(self.shelf)
        self.carol, self.dave = (self.world.join(namespace="/shelf") for _ in range(2))
        self.sid = self.world.sid(self.carol, "/shelf")

    def hear(self) -> list[list[tuple[str, Any]]]:
        return [self.world.hears(client, "/shelf") for client in (self.carol, self.dave)]


def namespace_sends(world: World) -> None:
    shore = Shore(world)
    shore.shelf.emit("said", "hello", room=shore.sid)
    shore.shelf.send("plain")
    assert shore.hear() == [[("said", ["hello"]), ("message", "plain")], [("message", "plain")]]
    assert world.hears(world.alice) == []


def namespace_calls(world: World) -> None:
    shore = Shore(world)
    with pytest.raises(socketio.exceptions.TimeoutError):
        shore.shelf.call("question", to=shore.sid, timeout=0.01)
    assert shore.hear() == [[("question", [])], []]


def namespace_moves_people(world: World) -> None:
    shore = Shore(world)
    shore.shelf.enter_room(shore.sid, "harbour")
    assert shore.shelf.rooms(shore.sid) == [shore.sid, "harbour"]
    shore.shelf.leave_room(shore.sid, "harbour")
    shore.shelf.enter_room(shore.sid, "beach")
    shore.shelf.close_room("beach")
    assert shore.shelf.rooms(shore.sid) == [shore.sid]


def namespace_keeps_sessions(world: World) -> None:
    shore = Shore(world)
    shore.shelf.save_session(shore.sid, {"a": 1})
    with shore.shelf.session(shore.sid) as session:
        session["b"] = 2
    assert shore.shelf.get_session(shore.sid) == {"a": 1, "b": 2}


def namespace_puts_out(world: World) -> None:
    shore = Shore(world)
    shore.shelf.disconnect(shore.sid)
    assert not shore.carol.is_connected("/shelf")
    assert shore.dave.is_connected("/shelf")


def namespace_finds_handlers(world: World) -> None:
    shore = Shore(world)
    assert shore.carol.emit("take", 1, namespace="/shelf", callback=True) == "took 1"
    assert shore.carol.emit("unknown", namespace="/shelf", callback=True) == []
    assert not shore.shelf.is_asyncio_based()


NAMESPACE: dict[str, Callable[[World], None]] = {
    "call": namespace_calls,
    "close_room": namespace_moves_people,
    "disconnect": namespace_puts_out,
    "emit": namespace_sends,
    "enter_room": namespace_moves_people,
    "get_session": namespace_keeps_sessions,
    "is_asyncio_based": namespace_finds_handlers,
    "leave_room": namespace_moves_people,
    "rooms": namespace_moves_people,
    "save_session": namespace_keeps_sessions,
    "send": namespace_sends,
    "session": namespace_keeps_sessions,
    "trigger_event": namespace_finds_handlers,
}


INTERFACES = [
    (flask_socketio.SocketIO, SOCKETIO),
    (flask_socketio.Namespace, NAMESPACE),
    (socketio.Server, SERVER),
    (engineio.Server, ENGINE),
]


@pytest.mark.parametrize(("kind", "uses"), INTERFACES)
def test_nothing_public_is_left_out(kind: type, uses: dict[str, Any]) -> None:
    assert names_of(kind) == set(uses)


@pytest.mark.parametrize(
    "use", dict.fromkeys(use for _, uses in INTERFACES for use in uses.values())
)
def test_what_is_public_works_or_says_that_it_does_not(
    world: World, use: Callable[[World], None]
) -> None:
    use(world)


def test_methods_take_what_flask_socketios_take() -> None:
    for name in names_of(flask_socketio.SocketIO) - {"reason", "run"}:
        theirs = inspect.signature(getattr(flask_socketio.SocketIO, name)).parameters
        ours = inspect.signature(getattr(SocketIO, name)).parameters
        given = [parameter for parameter in theirs if parameter != "kwargs"]
        assert [parameter for parameter in ours if parameter in given] == given, name


# options


def option_works(**expected: Any) -> Callable[[World], None]:
    """The option's value is where the engine, or the server, looks it up at every request."""

    def check(world: World) -> None:
        for name, value in expected.items():
            owner = world.server.eio if hasattr(world.server.eio, name) else world.server
            assert getattr(owner, name) == value

    return check


def session_is_flasks(world: World) -> None:
    assert world.carrier.manage_session is False


def is_at_another_path(world: World) -> None:
    path = "/elsewhere/?transport=none"
    assert b"Transport unknown" in world.app.test_client().get(path).data
    assert world.app.test_client().get("/socket.io/?transport=none").status_code == 404


def says_what_happens(world: World) -> None:
    logger = world.options["logger"]
    world.alice.emit("ask", "a secret")
    world.carrier.emit("said", "a secret", to="harbour")
    sid = world.sid(world.alice)
    assert f'received event "ask" from {sid} [/]' in logger.lines
    assert 'emitting event "said" to harbour [/]' in logger.lines
    assert "a secret" not in "".join(logger.lines)


def says_what_it_is_sent(world: World) -> None:
    """It logs what comes by a transport; a client in the same process has none."""
    visitor, path = world.app.test_client(), "/socket.io/?EIO=4&transport=polling"
    sid = json.loads(visitor.get(path).text[1:])["sid"]
    assert visitor.post(f"{path}&sid={sid}", data="40").text == "ok"
    assert f"{sid}: Received packet 40" in world.options["engineio_logger"].lines


def encodes_with_another_json(world: World) -> None:
    world.alice.emit("ask", 1)
    assert world.options["json"].used


def asks_nobody_beside_itself(world: World) -> None:
    assert world.server.handles_at_once is True


def admits_all_namespaces(world: World) -> None:
    assert world.join(namespace="/any").is_connected("/any")


def connects_first(world: World) -> None:
    world.carrier.on_event("connect", lambda: False)
    assert not world.join().is_connected()


class Lines(logging.Logger):
    def __init__(self) -> None:
        super().__init__("lines")
        self.lines: list[str] = []

    def handle(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class Noted:
    used = False

    def dumps(self, *args: Any, **options: Any) -> str:
        self.used = True
        return json.dumps(*args, **options)

    loads = staticmethod(json.loads)


WORKING: dict[str, tuple[Any, Callable[[World], None]]] = {
    "manage_session": (False, session_is_flasks),
    "path": ("/elsewhere", is_at_another_path),
    "resource": ("elsewhere", is_at_another_path),
    "logger": (Lines(), says_what_happens),
    "engineio_logger": (Lines(), says_what_it_is_sent),
    "json": (Noted(), encodes_with_another_json),
    "async_handlers": (True, asks_nobody_beside_itself),
    "always_connect": (True, connects_first),
    "namespaces": ("*", admits_all_namespaces),
    "async_mode": ("eventlet", option_works(async_mode="eventlet")),
    "ping_interval": ((7, 2), option_works(ping_interval=7, ping_interval_grace_period=2)),
    "ping_timeout": (3, option_works(ping_timeout=3)),
    "max_http_buffer_size": (500, option_works(max_http_buffer_size=500)),
    "allow_upgrades": (False, option_works(allow_upgrades=False)),
    "http_compression": (False, option_works(http_compression=False)),
    "compression_threshold": (9, option_works(compression_threshold=9)),
    "cookie": ("io", option_works(cookie="io")),
    "cors_allowed_origins": (["https://a"], option_works(cors_allowed_origins=["https://a"])),
    "cors_credentials": (False, option_works(cors_credentials=False)),
    "transports": (["websocket"], option_works(transports=["websocket"])),
}
REFUSED = [
    ("client_manager", socketio.Manager()),
    ("serializer", "msgpack"),
    ("serializer", "pickle"),
    ("async_mode", "threading"),
    ("async_mode", "gevent"),
    ("async_mode", "gevent_uwsgi"),
    ("async_mode", "asgi"),
    ("message_queue", "kafka://127.0.0.1"),
    ("message_queue", "amqp://a"),
    ("message_queue", "zmq+tcp://a:1"),
    ("message_queue", "memory://"),
    ("monitor_clients", False),
    ("ping_intervall", 3),
    ("binary", True),
]
ELSEWHERE = {"app", "message_queue", "channel", "kwargs"}  # test_queue.py


def documented_options() -> set[str]:
    return set(re.findall(r":param (\w+):", str(flask_socketio.SocketIO.__doc__)))


def test_no_option_is_left_out() -> None:
    refused = {name for name, _ in REFUSED}
    assert documented_options() - ELSEWHERE <= set(WORKING) | refused
    for base in (socketio.Server, engineio.Server):
        assert inspect.signature(base).parameters.keys() - ELSEWHERE <= set(WORKING) | refused


@pytest.mark.parametrize("name", WORKING)
def test_an_option_works(name: str) -> None:
    value, check = WORKING[name]
    check(World({name: value}))


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_an_option_that_is_not_supported_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{name}: "):
        SocketIO(Flask(__name__), **{name: value})
    late = SocketIO(**{} if name == "message_queue" else {name: value})
    with pytest.raises(ValueError, match=f"^{name}: "):
        late.init_app(Flask(__name__), **{name: value})


def test_a_queue_is_there_for_whoever_looks_for_its_manager(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(RedisQueue, "start", lambda _: None)
    carrier = SocketIO(Flask(__name__), message_queue="redis://127.0.0.1:1/0", channel="tests")
    assert carrier.server_options["client_manager"] is carrier.server.manager
    carrier.init_app(Flask(__name__))
    assert carrier.server_options["client_manager"] is carrier.server.manager


def test_rooms_are_found_where_python_socketios_manager_has_them(world: World) -> None:
    alice, bob = world.sid(world.alice), world.sid(world.bob)
    mallory = world.sid(world.mallory, "/other")
    world.carrier.enter_room(bob, "harbour")
    rooms = world.server.manager.rooms
    assert set(rooms) == {"/", "/other"}
    assert rooms["/"]["harbour"] == {bob: world.bob.eio_sid}
    assert rooms["/"][alice] == {alice: world.alice.eio_sid}
    assert set(rooms["/"][None]) == {alice, bob}
    assert set(rooms["/other"][None]) == {mallory}
    assert world.server.manager.rooms is not rooms, "a copy"


def test_flask_socketios_own_test_client_says_which_one_to_use(world: World) -> None:
    with pytest.raises(NotImplementedError, match=r"SocketIO\.test_client"):
        flask_socketio.SocketIOTestClient(world.app, world.carrier)


def test_a_connect_handler_of_python_socketio_may_do_without_auth(world: World) -> None:
    seen: list[str] = []

    def connect(_: str, environ: dict[str, Any]) -> None:
        seen.append(environ["PATH_INFO"])

    world.server.on("connect", connect, namespace="/old")
    carol = world.join(namespace="/old")
    assert (carol.is_connected("/old"), seen) == (True, ["/socket.io"])
    with pytest.raises(TypeError):  # with auth nothing but handlers of today are called
        world.join(namespace="/old", auth={"token": 1})


def test_without_a_loop_a_handshake_is_refused_with_the_reason(world: World) -> None:
    """`flask run` serves in threads, which have no loop: nothing would ever be handled."""
    visitor = world.app.test_client()

    def open_session() -> TestResponse:
        return visitor.get("/socket.io/?EIO=4&transport=polling")

    with ThreadPoolExecutor() as threads:
        answer = threads.submit(open_session).result()
    assert answer.status_code == 501
    assert "socketio.run(app)" in answer.text
    assert open_session().status_code == 200, "where a loop runs"
