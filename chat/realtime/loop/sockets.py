"""The socket of a request: take it from the web server, or ask whether it is closed."""

from __future__ import annotations

import socket as socket_module
from typing import Any

import eventlet.wsgi
from eventlet import patcher

_blocking_socket: Any = patcher.original("socket")


class CannotTakeOver(Exception):
    """The web server does not release this connection's socket."""


def take_socket(environ: dict[str, Any]) -> Any:
    """Return the connection of this request as a non-blocking socket, detached from the web server.

    Raises CannotTakeOver when the request has no socket, or TLS is on it.
    """
    plain = _socket_of(environ)
    if plain is None:
        raise CannotTakeOver
    taken = _blocking_socket.SocketType(plain.family, plain.type, 0, fileno=plain.detach())
    taken.setblocking(False)
    if taken.family != socket_module.AF_UNIX:
        taken.setsockopt(socket_module.IPPROTO_TCP, socket_module.TCP_NODELAY, 1)
    # eventlet's server and gunicorn's worker both read this flag, and then send no answer.
    eventlet.wsgi.WSGI_LOCAL.already_handled = True
    return taken


def has_hung_up(environ: dict[str, Any]) -> bool:
    """Return whether the client of this request closed its connection. Never yields.

    Returns False where that cannot be known.
    """
    plain = _socket_of(environ)
    if plain is None:
        return False
    try:
        return not plain.recv(1, socket_module.MSG_PEEK | socket_module.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:  # the connection was reset, or closed on our side
        return True


def _socket_of(environ: dict[str, Any]) -> Any:
    """Return the connection of this request; None when it has none, or has TLS on it."""
    green = environ.get("gunicorn.socket")
    if "eventlet.input" in environ:
        green = environ["eventlet.input"].get_socket()
    plain = getattr(green, "fd", None)
    if not isinstance(plain, _blocking_socket.socket) or hasattr(green, "do_handshake"):
        return None
    return plain
