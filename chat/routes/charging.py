"""The time that a request takes, from its first byte to its last, is charged to whoever asks.

To a person and to all who are signed in from their network; where nobody is signed in, to the strangers of that network.
A person, a known device, and a network's strangers have a share of every second: what they ask beyond it is answered later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask, request
from werkzeug.wsgi import ClosingIterator

from chat import extensions
from chat.controllers import budgets
from chat.controllers.devices import Device
from chat.models.document import Id
from chat.realtime.eventlet_hub import LoopTime
from chat.routes import rate_limit_headers, visitors
from chat.utils.pace import Pace
from config import Settings

# Blueprints that serve people without a session: they ask for time before anything else. All others ask who it is first.
OPEN = frozenset({"sign_in", "auth", "docs"})
ASKERS = "chat.askers"  # in a request's WSGI environment a list, for the id of who is signed in
SOCKETS, STATIC = "/socket.io/", "/static/"
EVERY_REQUEST = 300  # microseconds that the web server takes before and after what is measured here

Environ = dict[str, Any]

# Of one process, which has one CPU: what a flood asks for leaves room for everybody else.
_pace = Pace(share=0.4, burst=0.1, longest=budgets.SLOW_SECONDS)


def set_up(app: Flask, settings: Settings) -> None:
    budgets.set_up(settings)

    @app.before_request
    def _ask_for_time() -> None:
        if request.blueprint in OPEN:
            _require_time_of_unknown()


class Charged:
    """WSGI middleware around all doors."""

    def __init__(self, app: Any, static_folder: Path):
        """What is in `static_folder` everybody's pages ask for; what is not there is charged."""
        self._app = app
        files = (file for file in static_folder.rglob("*") if file.is_file())
        self._static = {f"{STATIC}{file.relative_to(static_folder).as_posix()}" for file in files}

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if (
            path.startswith(SOCKETS) or path in self._static
        ):  # sockets and polls have limits of their own
            uncharged: Iterable[bytes] = self._app(environ, start_response)
            return uncharged
        measured, askers = LoopTime(), list[Id | str]()
        environ[ASKERS] = askers  # a list, since the environment is copied on the way
        with measured:
            answer = self._app(environ, start_response)
        closing = ClosingIterator(answer, partial(_charge, environ, measured))
        try:
            _slow_down(environ, measured)
        except BaseException:  # killed while it waits: whoever asked has their turn back
            closing.close()
            raise
        measured.__enter__()  # again, while the answer is sent
        return closing


def note_asker(who: Id | str) -> None:
    """Has the request charged to a person who is signed in, or to a device."""
    request.environ.get(ASKERS, []).append(who)


def charge_door(name: str) -> None:
    """Charge a budget of those who are not signed in: to their device, if it is known, else to their network.

    An account is made at its network's expense: it would bring another known device.
    """
    device = None if name == "register" else visitors.known_device()
    who = _account_of(device) if device else budgets.network(request.remote_addr)
    rate_limit_headers.note(name, who)
    budgets.charge(name, who)


def _require_time_of_unknown() -> None:
    """A device that somebody signed in on has time of its own: strangers cannot use it up."""
    if device := visitors.known_device():
        note_asker(_account_of(device))
        budgets.require_time(_account_of(device), request.remote_addr)
    else:
        budgets.check_time_of_strangers(
            budgets.network(request.remote_addr)
        )  # `_slow_down` delays the refusal


def _account_of(device: Device) -> str:
    return f"device {device.id}"


def _slow_down(environ: Environ, measured: LoopTime) -> None:
    """Whatever is answered: a 401 costs nearly as much as a page."""
    if not extensions.settings().rate_limits:
        return
    askers: list[Id | str] = environ[ASKERS]
    if not askers and budgets.retry_after("strangers' time", _network_of(environ)):
        budgets.slow_down()
        return
    seconds = (measured.microseconds + EVERY_REQUEST) / 1_000_000
    if wait := _pace.spend(askers[0] if askers else _network_of(environ).name, seconds):
        extensions.socketio.sleep(wait)


def _charge(environ: Environ, measured: LoopTime) -> None:
    measured.__exit__()
    microseconds = measured.microseconds + EVERY_REQUEST
    if askers := environ[ASKERS]:
        budgets.charge_time(askers[0], environ.get("REMOTE_ADDR"), microseconds)
    else:
        budgets.charge_afterwards("strangers' time", _network_of(environ), microseconds)


def _network_of(environ: Environ) -> budgets.Network:
    return budgets.network(environ.get("REMOTE_ADDR"))
