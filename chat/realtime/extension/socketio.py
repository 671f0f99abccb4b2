"""`SocketIO`: the interface of Flask-SocketIO on a server of our own."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import flask
import flask_socketio
from flask import Flask

from chat.realtime import loop
from chat.realtime.cluster.queue import OFF
from chat.realtime.cluster.shared_fan_out import NoticeHandler, SharedFanOut
from chat.realtime.counters import Counters
from chat.realtime.protocols import packets
from chat.realtime.socketio.client import Room
from chat.realtime.socketio.fan_out import FanOut
from chat.realtime.socketio.server import Server

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from chat.realtime.extension.test_client import SocketIOTestClient

TLS_OPTIONS = frozenset({"certfile", "ciphers", "keyfile", "ssl_context", "ssl_version"})
DRAIN_SECONDS = 3.0  # for handlers in progress at shutdown, and again for those of `disconnect`

Handler = Callable[..., Any]


class SocketIO(flask_socketio.SocketIO):  # type: ignore[misc]
    """Flask-SocketIO's interface, with the additions and exceptions below.

    Unsupported features raise ValueError or NotImplementedError, which name them: serializers,
    client managers, queues other than redis:// and rediss://, loops other than eventlet's,
    `monitor_clients=False`, options that do not exist, TLS in `run`, `server.instrument`, packets
    and events of Engine.IO (`server.eio.send`, `.send_packet`, `.on`).

    Differences: the server handles the events of one client one at a time, in order. With
    `async_handlers=True` it runs their handlers concurrently, which is Flask-SocketIO's default.
    Acknowledgements for `emit(callback=…)` and `call` never wait behind other events.
    `engineio_logger` receives what clients send, `logger` what the server sends.

    Additional options: `limits` (False: no limit on sessions, for load tests), `connect_timeout`
    (seconds until the server closes a session that is in no namespace), `most_pending` (sessions in
    no namespace), `message_queue_seal` (seals the messages of the queue: see
    cluster.shared_fan_out.Seal).
    """

    server: Server

    def __init__(self, app: Flask | None = None, **options: Any):
        loop.take_over()
        self._bare = True  # only `connect` needs the request that opened a connection
        self._bound = False
        self.manage_session = True
        self._notice_handlers: dict[str, NoticeHandler] = {}
        self._return_handlers: list[Callable[[], object]] = []
        super().__init__(app, **options)

    def init_app(self, app: Flask | None, **options: Any) -> None:
        """Bind to an app, as Flask-SocketIO does.

        Without an app, this process only emits, through `message_queue`.
        """
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
        """Run eventlet's web server, as Flask-SocketIO does.

        loop/http_server.py is a stricter one.
        """
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
        from chat.realtime.extension.test_client import SocketIOTestClient

        request = (query_string, headers, auth, flask_test_client)
        return SocketIOTestClient(app, self, namespace, *request)

    # handlers

    def on(
        self, message: str, namespace: str | None = None, *, bare: bool = False
    ) -> Callable[[Handler], Handler]:
        """Register a handler, as Flask-SocketIO does.

        `bare` handlers are called as `handler(sid, *args)` (`"*"`: `handler(event, sid, *args)`)
        without a request context, which costs more than the fan-out of a small room. `connect` is
        called with the request that opens the socket.
        """
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
        """Emit an event to the sockets of this process in one or several rooms."""
        manager = self.server.manager
        manager.deliver(
            namespace, to, manager.encode(packets.EVENT, namespace, [event, data]), skip_sid
        )

    def sids_in(self, room: Hashable, namespace: str = "/") -> list[str]:
        """Return the connected sockets of this process in a room."""
        return [sid for sid, _ in self.server.manager.get_participants(namespace, room)]

    def has_anybody(self, room: Hashable, namespace: str = "/") -> bool:
        """Return whether a socket of this process is in a room."""
        return self.server.manager.has_anybody(namespace, room)

    def rooms_of(self, sid: str, namespace: str = "/") -> list[Hashable]:
        """Return the rooms that a socket is in."""
        return list(self.server.manager.get_rooms(sid, namespace))

    def is_connected(self, sid: str, namespace: str = "/") -> bool:
        return self.server.manager.is_connected(sid, namespace)

    def enter_room(self, sid: str, room: Hashable, namespace: str = "/") -> None:
        self.server.manager.enter_room(sid, namespace, room)

    def leave_room(self, sid: str, room: Hashable, namespace: str = "/") -> None:
        self.server.manager.leave_room(sid, namespace, room)

    def disconnect(self, sid: str, namespace: str = "/") -> None:
        """Disconnect a client, which then does not reconnect by itself."""
        self.server.disconnect(sid, namespace)

    def arrived_at(self, sid: str, namespace: str = "/") -> float:
        """Return when the event that is being handled for this client arrived, in time.monotonic().

        The event may have waited in the inbox since then.
        """
        client = self.server.manager.client(sid, namespace)
        return client.connection.arrived_at if client else time.monotonic()

    def address_of(self, sid: str, namespace: str = "/") -> str:
        """Return the address that a socket was opened from; empty once it has closed."""
        client = self.server.manager.client(sid, namespace)
        return client.connection.address if client else ""

    def close_transport(self, sid: str, namespace: str = "/") -> None:
        """Close the connection below Socket.IO; clients reconnect by themselves."""
        if eio_sid := self.server.manager.eio_sid_from_sid(sid, namespace):
            self.server.eio.disconnect(eio_sid)

    def make_room(self) -> bool:
        """Close the session that has been in no namespace longest; return whether there was one.

        Never yields.
        """
        return self._bound and self.server.eio.make_room()

    def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Stop accepting, let handlers finish, then close every transport. Idempotent. Yields.

        Clients reconnect elsewhere.
        """
        if self._bound:
            self.server.eio.drain(seconds)

    @property
    def counters(self) -> Counters:
        return self.server.counters

    # other processes

    def notify(self, topic: str, data: dict[str, Any]) -> None:
        """Send a notice to every other process. Never yields, never raises for the queue.

        A notice is a hint: the queue drops it while Redis is away.
        """
        if isinstance(self.server.manager, SharedFanOut):
            self.server.manager.notify(topic, data)

    def on_notice(self, topic: str, handler: NoticeHandler) -> None:
        """Register `handler(data)` for a topic of notices from other processes.

        Handlers run one at a time, in the order in which notices arrive.
        """
        self._notice_handlers[topic] = handler

    def on_queue_return(self, handler: Callable[[], object]) -> None:
        """Register a handler for the return of the queue.

        What the queue carried while it was away is lost.
        """
        self._return_handlers.append(handler)

    def ping_queue(self) -> None:
        """Ping the queue, from a process without a loop. Raises QueueAway.

        Does nothing where no queue is configured.
        """
        if isinstance(self.server.manager, SharedFanOut):
            self.server.manager.queue.ping()

    @property
    def queue_state(self) -> str:
        """Return `"off"` (no queue is configured), `"connected"` or `"away"`."""
        return (
            self.server.manager.queue.state
            if isinstance(self.server.manager, SharedFanOut)
            else OFF
        )


def _check(manager: Any, url: str | None) -> None:
    """Raise ValueError for a foreign client manager, or for a queue that is not Redis."""
    is_ours = manager is None or isinstance(manager, SharedFanOut)
    if not is_ours:
        raise ValueError("client_manager: give message_queue the URL of a Redis server instead")
    if url and not url.startswith(("redis://", "rediss://")):
        scheme = url.partition(":")[0]
        raise ValueError(f"message_queue: only redis:// and rediss:// are supported, not {scheme}")


def _within(app: Flask) -> Any:
    """Return Flask's JSON module for use outside an application context.

    Flask's JSON reads its settings from the current application.
    """

    def dumps(value: Any, **options: Any) -> str:
        with app.app_context():
            return flask.json.dumps(value, **options)

    def loads(text: str, **options: Any) -> Any:
        with app.app_context():
            return flask.json.loads(text, **options)

    return SimpleNamespace(dumps=dumps, loads=loads)
