"""Every private name of the libraries that chat.realtime uses, so that an upgrade fails here.

Versions are pinned exactly in requirements.txt: read this before changing the pins.
"""

from __future__ import annotations

import inspect
import warnings
from importlib.metadata import version
from typing import Any

import engineio
import flask_socketio
import pytest
import socketio
from flask.testing import FlaskClient
from gunicorn.workers import base

from tests.helpers.servers import ROOT

warnings.filterwarnings("ignore", message="\nEventlet is deprecated")
import eventlet.wsgi  # noqa: E402
from eventlet import greenio, hubs  # noqa: E402
from eventlet.hubs import epolls  # noqa: E402
from eventlet.hubs import hub as hub_module  # noqa: E402


def parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize(
    "package",
    ["Flask-SocketIO", "python-socketio", "python-engineio", "eventlet", "gunicorn", "redis"],
)
def test_the_versions_are_those_that_are_pinned(package: str) -> None:
    assert f"{package}=={version(package)}" in (ROOT / "requirements.txt").read_text()


def test_flask_socketio_keeps_what_a_subclass_sets_up_itself() -> None:
    """Our SocketIO.init_app replaces one that would build python-socketio's own server."""
    plain = flask_socketio.SocketIO()
    assert (plain.server, plain.handlers, plain.namespace_handlers, plain.server_options) == (
        None,
        [],
        [],
        {},
    )
    assert parameters(flask_socketio._SocketIOMiddleware.__init__) == [
        "self",
        "socketio_app",
        "flask_app",
        "socketio_path",
    ]
    source = inspect.getsource(flask_socketio.SocketIO._handle_event)
    assert "self.server.get_environ(sid, namespace=namespace)" in source
    assert "environ['flask.app']" in source
    assert "self.server.emit(event, *args, namespace=namespace, to=to," in inspect.getsource(
        flask_socketio.SocketIO.emit
    )


def test_python_socketio_builds_its_engine_where_we_put_ours() -> None:
    """Server overrides _engineio_server_class; what we set calls it, not the engine's events."""
    source = inspect.getsource(socketio.Server.__mro__[1].__init__)
    assert "self.eio = self._engineio_server_class()(**engineio_options)" in source
    assert "self.eio.on('connect', self._handle_eio_connect)" in source
    assert parameters(socketio.Server._trigger_event) == ["self", "event", "namespace", "args"]
    assert parameters(socketio.Server._handle_eio_connect) == ["self", "eio_sid", "environ"]
    bare = socketio.Server(async_mode="threading")
    for attribute in (
        "handlers",
        "namespace_handlers",
        "namespaces",
        "environ",
        "not_handled",
        "always_connect",
        "manager",
        "reason",
    ):
        assert hasattr(bare, attribute), attribute
    assert "self.manager.emit(event, data, namespace, room=room" in inspect.getsource(
        socketio.Server.emit
    )


def test_python_engineio_keeps_what_our_engine_uses_of_it() -> None:
    bare = engineio.Server(async_mode="threading")
    used = (
        "sockets handlers ping_interval ping_interval_grace_period ping_timeout "
        "max_http_buffer_size cookie cors_allowed_origins "
        "transports valid_transports http_compression compression_threshold compression_methods "
        "allow_upgrades _gzip _deflate "
        "_cors_allowed_origins _cors_headers _generate_sid_cookie generate_id"
    )
    for attribute in used.split():
        assert hasattr(bare, attribute), attribute
    assert parameters(engineio.Server._generate_sid_cookie) == ["self", "sid", "attributes"]
    assert parameters(engineio.Server.handle_request) == ["self", "environ", "start_response"]
    assert "self._get_socket(sid)" in inspect.getsource(engineio.Server.get_session)


def test_flasks_and_werkzeugs_test_clients_give_away_a_request_with_its_cookies() -> None:
    """Flask-SocketIO's own SocketIOTestClient takes it from the same places."""
    assert parameters(FlaskClient._request_from_builder_args) == ["self", "args", "kwargs"]
    assert parameters(FlaskClient._add_cookies_to_wsgi) == ["self", "environ"]
    theirs = inspect.getsource(flask_socketio.SocketIOTestClient.connect)
    assert "_request_from_builder_args" in theirs
    assert "_add_cookies_to_wsgi(environ)" in theirs


def test_eventlets_hub_listens_as_we_need_it_to() -> None:
    """A listener's greenlet is ours to set; removal and addition take these arguments."""
    assert parameters(hub_module.BaseHub.add) == [
        "self",
        "evtype",
        "fileno",
        "cb",
        "tb",
        "mark_as_closed",
    ]
    assert parameters(hub_module.BaseHub.remove) == ["self", "listener"]
    assert parameters(hub_module.BaseHub.schedule_call_global) == [
        "self",
        "seconds",
        "cb",
        "args",
        "kw",
    ]
    assert hub_module.FdListener(hub_module.READ, 0, None, None, None).greenlet is not None
    assert "listener.greenlet.dead" in inspect.getsource(hub_module.BaseHub.close_one)
    assert (hubs.get_hub().READ, hubs.get_hub().WRITE) == ("read", "write")


def test_eventlets_hub_is_built_of_the_parts_that_ours_puts_together() -> None:
    bare = epolls.Hub()
    state = (
        "timers next_timers timers_canceled closed listeners poll clock greenlet running stopping "
        "READ_MASK WRITE_MASK EXC_MASK"
    )
    steps = (
        "prepare_timers fire_timers close_one default_sleep squelch_timer_exception "
        "squelch_exception wait switch"
    )
    for name in f"{state} {steps}".split():
        assert hasattr(bare, name), name
    body = inspect.getsource(hub_module.BaseHub.run)
    order = [
        "self.close_one()",
        "self.prepare_timers()",
        "self.fire_timers(",
        "self.prepare_timers()",
        "self.wait(",
    ]
    places = [body.index(order[0])]
    for step in order[1:]:
        places.append(body.index(step, places[-1] + 1))
    assert places == sorted(places), "a round of ours does the same in the same order"


def test_the_web_servers_let_go_of_a_socket() -> None:
    """eventlet's server and gunicorn's worker find a socket by these names, and check its use."""
    assert "self._sock" in inspect.getsource(eventlet.wsgi.Input.get_socket)
    assert (
        "fd"
        in greenio.GreenSocket.__init__.__code__.co_names
        + greenio.GreenSocket.__init__.__code__.co_varnames
    )
    assert "if WSGI_LOCAL.already_handled:" in inspect.getsource(
        eventlet.wsgi.HttpProtocol.handle_one_response
    )
    assert "env['eventlet.input']" in inspect.getsource(
        eventlet.wsgi.HttpProtocol.get_environ
    ).replace('"', "'")


def test_eventlets_web_server_leaves_to_us_what_reads() -> None:
    """Our Protocol and Body replace these methods, and use these attributes."""
    protocol, body = eventlet.wsgi.HttpProtocol, eventlet.wsgi.Input
    assert parameters(protocol.__init__) == ["self", "conn_state", "server"]
    assert parameters(body.__init__) == [
        "self",
        "rfile",
        "content_length",
        "sock",
        "wfile",
        "wfile_line",
        "chunked_input",
    ]
    assert parameters(body._do_read) == ["self", "reader", "length"]
    assert parameters(body._chunked_read) == ["self", "rfile", "length", "use_readline"]
    answering = inspect.getsource(protocol.handle_one_response)
    for used in (
        "self.application(self.environ, start_response)",
        "self.close_connection == 0",
        "request_input.discard()",
    ):
        assert used in answering
    assert "self.handle_one_request()" in inspect.getsource(protocol.handle)
    assert "self.headers._headers" in inspect.getsource(protocol.get_environ)
    serving = inspect.getsource(eventlet.wsgi.server)
    for used in (
        "sock.accept()",
        "pool = custom_pool",
        "pool.waitall()",
        "connection = [client_addr, client_socket, STATE_IDLE]",
    ):
        assert used in serving


def test_gunicorns_eventlet_worker_lets_us_serve() -> None:
    """gunicorn_worker.Worker replaces `run`.

    The test reads its text, because importing it makes the standard library cooperative.
    """
    geventlet = next(
        (ROOT / ".venv").glob("lib/python*/site-packages/gunicorn/workers/geventlet.py")
    ).read_text()
    for used in (
        "eventlet.monkey_patch()",
        "def run(self):",
        "for sock in self.sockets:",
        "self.notify()",
        "self.cfg.graceful_timeout",
    ):
        assert used in geventlet
    assert "self.wsgi = self.app.wsgi()" in inspect.getsource(base.Worker.load_wsgi)
