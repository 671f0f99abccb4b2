"""`SocketIO`: the interface of Flask-SocketIO on a server of our own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import flask
import flask_socketio
from flask import Flask

from chat.realtime import loop
from chat.realtime.cluster.notices import NoticeHandler
from chat.realtime.cluster.shared_fan_out import SharedFanOut
from chat.realtime.extension.options import TLS_OPTIONS, check_manager, json_within
from chat.realtime.extension.peers import Peers
from chat.realtime.extension.sockets import Sockets
from chat.realtime.socketio.fan_out import FanOut
from chat.realtime.socketio.server import Server

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from chat.realtime.extension.test_client import SocketIOTestClient

Handler = Callable[..., Any]


class SocketIO(Sockets, Peers, flask_socketio.SocketIO):  # type: ignore[misc]
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

    def __init__(self, app: Flask | None = None, **options: Any):
        loop.take_over()
        self._bare = True  # no handler but `connect` needs the request that opened a connection
        self._is_bound = False
        self.manage_session = True
        self._notice_handlers: dict[str, NoticeHandler] = {}
        self._return_handlers: list[Callable[[], object]] = []
        self._listeners = {}
        super().__init__(app, **options)

    def init_app(self, app: Flask | None, **options: Any) -> None:
        """Bind to an app, as Flask-SocketIO does.

        Without an app, this process only emits, through `message_queue`.
        """
        self.server_options.update(options)
        options = dict(self.server_options)
        check_manager(options.pop("client_manager", None), options.get("message_queue"))
        self.manage_session = options.pop("manage_session", self.manage_session)
        path = options.pop("path", None) or options.pop("resource", None) or "socket.io"
        url = options.pop("message_queue", None)
        channel = options.pop("channel", "flask-socketio")
        if options.get("json") is flask.json and app is not None:
            options["json"] = json_within(app)
        seal = options.pop("message_queue_seal", None)
        manager = FanOut()
        if url:
            manager = SharedFanOut(url, channel, seal=seal, write_only=app is None)
            self.server_options["client_manager"] = manager
        self.server = Server(client_manager=manager, **options)
        self._is_bound = True
        self.async_mode = self.server.async_mode
        for event, handler, namespace in self.handlers:
            self.server.on(event, handler, namespace=namespace)
        for namespace_handler in self.namespace_handlers:
            self.server.register_namespace(namespace_handler)
        self.server.environ_wanted = not self._bare
        if isinstance(manager, SharedFanOut):
            manager.notices.handlers = self._notice_handlers
            manager.return_handlers = self._return_handlers
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
        """Run eventlet's own web server, as Flask-SocketIO does.

        The chat runs loop/http_server.py instead, which is stricter.
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
        """Return a client in this process, connected unless the server refuses it. For tests."""
        from chat.realtime.extension.test_client import SocketIOTestClient

        request = (query_string, headers, auth, flask_test_client)
        return SocketIOTestClient(app, self, namespace, *request)

    # registering handlers

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
            if self._is_bound:
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
        if self._is_bound:
            self.server.environ_wanted = True
