"""Socket.IO to many sockets: `SocketIO` stands where `flask_socketio.SocketIO` does, and knows nothing of what it carries.

server.py       Socket.IO: namespaces, events, acknowledgements
fan_out.py      rooms, and a packet to all of one; coalescing.py: when it waits for another; shared_fan_out.py and queue.py: through
                Redis to other processes
engine.py       Engine.IO: handshake, polling, upgrade, heartbeats; limits.py, deadlines.py
connection.py   one session: its inbox, its transport
eventlet_http.py    the web server below: eventlet_accepting.py, eventlet_reading.py,
                eventlet_body.py; http_syntax.py: what is HTTP; http_connections.py,
                addresses.py, descriptors.py: how many
wire.py         one WebSocket: reading, writing, closing; flushing.py: all of them at once; read_batching.py: what several say
test_client.py      a client in the same process, for tests of applications
packets.py, websocket.py    what is written on the line; no input or output
eventlet_hub.py             the event loop: only files that begin so name it
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import flask
import flask_socketio
from flask import Flask

from chat.realtime import eventlet_hub, packets
from chat.realtime.counters import Counters
from chat.realtime.fan_out import FanOut, Room
from chat.realtime.queue import OFF, QueueAway
from chat.realtime.server import Server
from chat.realtime.shared_fan_out import NoticeHandler, SharedFanOut

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from chat.realtime.test_client import SocketIOTestClient

TLS_OPTIONS = frozenset({"certfile", "ciphers", "keyfile", "ssl_context", "ssl_version"})
DRAIN_SECONDS = 3.0  # for handlers in progress, when the server is told to stop; and as long for those of `disconnect`

Handler = Callable[..., Any]


__all__ = ["QueueAway", "SocketIO"]


class SocketIO(flask_socketio.SocketIO):  # type: ignore[misc]
    """Flask-SocketIO's interface; what is new is below.

    What is not supported raises ValueError or NotImplementedError, which name it: serializers,
    client managers, queues other than redis:// and rediss://, loops other than eventlet's,
    `monitor_clients=False`, options that do not exist, TLS in `run`, `server.instrument`, packets
    and events of Engine.IO (`server.eio.send`, `.send_packet`, `.on`).

    What differs: the events of one client are handled one at a time, in order. With
    `async_handlers=True` their handlers run at once, as Flask-SocketIO's do by default. Answers to
    `emit(callback=…)` and `call` never wait in that line. `engineio_logger` has what clients send;
    what they are sent, `logger` has.

    Options beside Flask-SocketIO's: `limits` (False: as many sessions as somebody likes, for load
    tests), `connect_timeout` (seconds until a session that is in no namespace is closed),
    `most_pending` (sessions in no namespace), `message_queue_seal` (what seals the messages of the
    queue: see shared_fan_out.Seal).
    """

    server: Server

    def __init__(self, app: Flask | None = None, **options: Any):
        eventlet_hub.take_over()
        self._bare = True  # nothing but `connect` needs the request that opened a connection
        self._bound = False
        self.manage_session = True
        self._notice_handlers: dict[str, NoticeHandler] = {}
        self._return_handlers: list[Callable[[], object]] = []
        super().__init__(app, **options)

    def init_app(self, app: Flask | None, **options: Any) -> None:
        """As Flask-SocketIO's; without an app, for a process that only emits, through `message_queue`."""
        self.server_options.update(options)
        options = dict(self.server_options)
        _check(options.pop("client_manager", None), options.get("message_queue"))
        self.manage_session = options.pop("manage_session", self.manage_session)
        path = options.pop("path", None) or options.pop("resource", None) or "socket.io"
        url, channel = options.pop("message_queue", None), options.pop("channel", "flask-socketio")
        if options.get("json") is flask.json and app is not None:
            options["json"] = _within(app)
        seal = options.pop("message_queue_seal", None)
        manager = FanOut()
        if url:
            manager = SharedFanOut(url, channel, seal=seal, write_only=app is None)
            self.server_options["client_manager"] = manager
        self.server = Server(client_manager=manager, **options)
        self._bound = True
        self.async_mode = self.server.async_mode
        for event, handler, namespace in self.handlers:
            self.server.on(event, handler, namespace=namespace)
        for namespace_handler in self.namespace_handlers:
            self.server.register_namespace(namespace_handler)
        self.server.environ_wanted = not self._bare
        if isinstance(manager, SharedFanOut):
            manager.notice_handlers, manager.return_handlers = (
                self._notice_handlers,
                self._return_handlers,
            )
            manager.start(self.server.counters)
        if app is not None:
            app.extensions["socketio"] = self
            self.sockio_mw = flask_socketio._SocketIOMiddleware(
                self.server, app, socketio_path=path.removeprefix("/")
            )
            app.wsgi_app = self.sockio_mw  # type: ignore[method-assign]

    def run(
        self, app: Flask, host: str | None = None, port: int | None = None, **options: Any
    ) -> None:
        """Run eventlet's web server, as Flask-SocketIO does. eventlet_http.py is a stricter one."""
        if tls := sorted(name for name in TLS_OPTIONS if options.get(name) is not None):
            raise ValueError(f"{', '.join(tls)}: no TLS in this process; a proxy in front has it")
        super().run(app, host, port, **options)

    def test_client(
        self,
        app: Flask,
        namespace: str | None = None,
        query_string: str | None = None,
        headers: Any = None,
        auth: Any = None,
        flask_test_client: FlaskClient | None = None,
    ) -> SocketIOTestClient:
        """Return a client in this process, connected unless it is refused. For tests only."""
        from chat.realtime.test_client import SocketIOTestClient

        request = (query_string, headers, auth, flask_test_client)
        return SocketIOTestClient(app, self, namespace, *request)

    # handlers

    def on(
        self, message: str, namespace: str | None = None, *, bare: bool = False
    ) -> Callable[[Handler], Handler]:
        """As Flask-SocketIO's. `bare`: called as `handler(sid, *args)` (`"*"`: `handler(event, sid, *args)`), without a request
        context, which costs more than a small room's whole fan-out. `connect` is called with the request that opens the socket."""
        if not bare:
            if message != "connect" or namespace not in (None, "/"):
                self._want_environ()
            decorator: Callable[[Handler], Handler] = super().on(message, namespace)
            return decorator

        def register(handler: Handler) -> Handler:
            if self._bound:
                self.server.on(message, handler, namespace=namespace)
            else:
                self.handlers.append((message, handler, namespace or "/"))
            return handler

        return register

    def on_event(
        self, message: str, handler: Handler, namespace: str | None = None, *, bare: bool = False
    ) -> None:
        self.on(message, namespace, bare=bare)(handler)

    def on_namespace(self, namespace_handler: flask_socketio.Namespace) -> None:
        self._want_environ()
        super().on_namespace(namespace_handler)

    def _want_environ(self) -> None:
        self._bare = False
        if self._bound:
            self.server.environ_wanted = True

    # sockets and rooms; nothing here yields

    def emit_here(
        self,
        event: str,
        data: Any,
        to: Room | list[str],
        *,
        skip_sid: str | list[str] | None = None,
        namespace: str = "/",
    ) -> None:
        """An event to those in a room, or in several, whose sockets this process holds."""
        manager = self.server.manager
        manager.deliver(
            namespace, to, manager.encode(packets.EVENT, namespace, [event, data]), skip_sid
        )

    def sids_in(self, room: Hashable, namespace: str = "/") -> list[str]:
        """The sockets of this process in a room that are connected."""
        return [sid for sid, _ in self.server.manager.get_participants(namespace, room)]

    def has_anybody(self, room: Hashable, namespace: str = "/") -> bool:
        """Whether a socket of this process is in a room."""
        return self.server.manager.has_anybody(namespace, room)

    def rooms_of(self, sid: str, namespace: str = "/") -> list[Hashable]:
        """The rooms that a socket is in."""
        return list(self.server.manager.get_rooms(sid, namespace))

    def is_connected(self, sid: str, namespace: str = "/") -> bool:
        return self.server.manager.is_connected(sid, namespace)

    def enter_room(self, sid: str, room: Hashable, namespace: str = "/") -> None:
        self.server.manager.enter_room(sid, namespace, room)

    def leave_room(self, sid: str, room: Hashable, namespace: str = "/") -> None:
        self.server.manager.leave_room(sid, namespace, room)

    def disconnect(self, sid: str, namespace: str = "/") -> None:
        """Tells a client to go and not to come again by itself."""
        self.server.disconnect(sid, namespace)

    def arrived_at(self, sid: str, namespace: str = "/") -> float:
        """When the event of this client that is being handled arrived, as time.monotonic() has it: it may have waited for its turn."""
        client = self.server.manager.client(sid, namespace)
        return client.connection.arrived_at if client else time.monotonic()

    def address_of(self, sid: str, namespace: str = "/") -> str:
        """The address that a socket was opened from; empty when it has closed."""
        client = self.server.manager.client(sid, namespace)
        return client.connection.address if client else ""

    def close_transport(self, sid: str, namespace: str = "/") -> None:
        """Closes the line below Socket.IO: clients come again by themselves."""
        if eio_sid := self.server.manager.eio_sid_from_sid(sid, namespace):
            self.server.eio.disconnect(eio_sid)

    def make_room(self) -> bool:
        """Closes the session that has been in no namespace longest; whether there was one.

        Never yields.
        """
        return self._bound and self.server.eio.make_room()

    def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Opens nothing more, lets handlers finish, closes every transport so that clients go elsewhere. Again is harmless. Yields."""
        if self._bound:
            self.server.eio.drain(seconds)

    @property
    def counters(self) -> Counters:
        return self.server.counters

    # other processes

    def notify(self, topic: str, data: dict[str, Any]) -> None:
        """A notice to every other process. A hint: dropped while the queue is away. Never yields, never raises for the queue."""
        if isinstance(self.server.manager, SharedFanOut):
            self.server.manager.notify(topic, data)

    def on_notice(self, topic: str, handler: NoticeHandler) -> None:
        """`handler(data)` for each notice of other processes; one at a time, in the order in which they arrive."""
        self._notice_handlers[topic] = handler

    def on_queue_return(self, handler: Callable[[], object]) -> None:
        """Called when the queue is back after it was away: what it carried meanwhile is lost."""
        self._return_handlers.append(handler)

    def ping_queue(self) -> None:
        """Asks whether the queue is there, for a process without a loop. Raises QueueAway; never where there is none."""
        if isinstance(self.server.manager, SharedFanOut):
            self.server.manager.queue.ping()

    @property
    def queue_state(self) -> str:
        """`"off"`: there is none; `"connected"`; `"away"`."""
        return (
            self.server.manager.queue.state
            if isinstance(self.server.manager, SharedFanOut)
            else OFF
        )


def _check(manager: Any, url: str | None) -> None:
    """Raise ValueError for a client manager that is not ours, and a queue that is not Redis."""
    is_ours = manager is None or isinstance(manager, SharedFanOut)
    if not is_ours:
        raise ValueError("client_manager: give message_queue the URL of a Redis server instead")
    if url and not url.startswith(("redis://", "rediss://")):
        scheme = url.partition(":")[0]
        raise ValueError(f"message_queue: only redis:// and rediss:// are supported, not {scheme}")


def _within(app: Flask) -> Any:
    """Flask's JSON, which asks the application how to, and is used here where no application is at hand."""

    def dumps(value: Any, **options: Any) -> str:
        with app.app_context():
            return flask.json.dumps(value, **options)

    def loads(text: str, **options: Any) -> Any:
        with app.app_context():
            return flask.json.loads(text, **options)

    return SimpleNamespace(dumps=dumps, loads=loads)
