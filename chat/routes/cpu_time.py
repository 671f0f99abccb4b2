"""Charge the CPU time of a request, from its first byte to its last, to its sender.

We charge a request to its person and to all signed-in people of the person's network. A request
without a person is charged to the strangers of its network.

A person, a known device, and a network's strangers each have a share of every second. Answers
beyond that share are delayed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from flask import Flask, request
from werkzeug.wsgi import ClosingIterator

from chat import extensions
from chat.controllers import budgets
from chat.controllers.devices import Device
from chat.models.document import Id
from chat.realtime.loop import LoopTime
from chat.routes import rate_limit_headers, static_files, visitors
from chat.utils.pace import Pace
from config import Settings

# Blueprints that serve people without a session. They check the budget of time before anything
# else; all others authenticate first.
OPEN = frozenset({"sign_in", "joining", "resetting", "auth", "docs"})
# The key, in a request's WSGI environment, of the list of accounts that pay: of a person or a
# device.
ACCOUNTS = "chat.cpu_accounts"
SOCKETS = "/socket.io/"
EVERY_REQUEST = 300  # microseconds of the web server, which this module does not measure

Environ = dict[str, Any]

# Each process paces accounts for itself, because it has one CPU: a flood of requests leaves time to
# others.
_pace = Pace(share=0.4, burst=0.1, longest=budgets.SLOW_SECONDS)


def set_up(app: Flask, settings: Settings) -> None:
    budgets.set_up(settings)

    @app.before_request
    def _require_time() -> None:
        if request.blueprint in OPEN:
            _require_time_of_visitor()


class CpuTimeMiddleware:
    """WSGI middleware that measures each request, charges it, and delays its response."""

    def __init__(self, app: Any):
        self._app = app

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(SOCKETS) or static_files.is_file(path):
            # Socket.IO and static files have limits of their own. Missing files are charged.
            uncharged: Iterable[bytes] = self._app(environ, start_response)
            return uncharged
        measured = LoopTime()
        accounts: list[Id | str] = []
        # a list, because the environment is copied on the way to the handler
        environ[ACCOUNTS] = accounts
        with measured:
            answer = self._app(environ, start_response)
        closing = ClosingIterator(answer, partial(_charge, environ, measured))
        try:
            _slow_down(environ, measured)
        except BaseException:  # the greenlet is killed while it waits: give the turn back
            closing.close()
            raise
        measured.__enter__()  # measure again while the response is sent
        return closing


def charge_to(account: Id | str) -> None:
    """Charge this request to a signed-in person, or to a device."""
    request.environ.get(ACCOUNTS, []).append(account)


def charge_visitor(name: str) -> None:
    """Charge a visitor's budget: to a known device, else to the network.

    Creating an account is charged to the network, because each account brings another known device.
    """
    who: budgets.Who = budgets.network(request.remote_addr)
    if name != "register" and (device := visitors.known_device()):
        who = _account_of(device)
    rate_limit_headers.note(name, who)
    budgets.charge(name, who)


def _require_time_of_visitor() -> None:
    """Raise RateLimited if the device's time, or that of the network's strangers, is used up.

    A known device has time of its own, which strangers cannot use up.
    """
    if device := visitors.known_device():
        charge_to(_account_of(device))
        budgets.require_time(_account_of(device), request.remote_addr)
    else:
        # `_slow_down` delays the response if this raises.
        budgets.check_time_of_strangers(budgets.network(request.remote_addr))


def _account_of(device: Device) -> str:
    return f"device {device.id}"


def _slow_down(environ: Environ, measured: LoopTime) -> None:
    """Delay any response, even a 401, which costs nearly as much as a page."""
    if not extensions.settings().rate_limits:
        return
    accounts: list[Id | str] = environ[ACCOUNTS]
    if not accounts and budgets.retry_after("strangers' time", _network_of(environ)):
        budgets.slow_down()
        return
    seconds = (measured.microseconds + EVERY_REQUEST) / 1_000_000
    if wait := _pace.spend(accounts[0] if accounts else _network_of(environ).name, seconds):
        extensions.socketio.sleep(wait)


def _charge(environ: Environ, measured: LoopTime) -> None:
    measured.__exit__()
    microseconds = measured.microseconds + EVERY_REQUEST
    if accounts := environ[ACCOUNTS]:
        budgets.charge_time(accounts[0], environ.get("REMOTE_ADDR"), microseconds)
    else:
        budgets.charge_afterwards("strangers' time", _network_of(environ), microseconds)


def _network_of(environ: Environ) -> budgets.Network:
    return budgets.network(environ.get("REMOTE_ADDR"))
