"""The socket on which the chat listens, at HOST and PORT."""

from __future__ import annotations

import errno
import os
import socket
from typing import NamedTuple

import eventlet

from config import ConfigurationError, Settings

BACKLOG = 4096  # connections that may wait to be accepted


class _Host(NamedTuple):
    family: int
    address: str


def listen(settings: Settings, *, shared: bool = False) -> eventlet.greenio.GreenSocket:
    """Return a listening socket on HOST and PORT. Raises ConfigurationError.

    `shared`: several workers listen, and the kernel distributes new connections over them.
    """
    host = _host(settings)
    try:
        listener = eventlet.listen(
            (host.address, settings.port), host.family, backlog=BACKLOG, reuse_port=shared
        )
    except OSError as error:
        raise ConfigurationError(_sentence_of(error, settings)) from error
    # Accepted sockets inherit TCP_NODELAY. Without this option an acknowledgement waits 40 ms
    # behind the broadcast before it.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _host(settings: Settings) -> _Host:
    """Return an address of HOST: the IPv4 address, if a name like localhost has both."""
    found = socket.getaddrinfo(
        settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    hosts = [_Host(family, str(address[0])) for family, _, _, _, address in found]
    # proxies in front of the chat connect to the IPv4 address
    ipv4 = [host for host in hosts if host.family == socket.AF_INET]
    return (ipv4 or hosts)[0]


def _sentence_of(error: OSError, settings: Settings) -> str:
    """Return the sentence that says which setting the operator must change."""
    if error.errno == errno.EADDRNOTAVAIL:
        return (
            f"HOST: this machine does not have the address {settings.host}; "
            "write 127.0.0.1, 0.0.0.0 or ::."
        )
    if error.errno == errno.EADDRINUSE:
        return f"PORT: another program listens on {settings.bind}; choose another PORT or HOST."
    return (
        f"PORT: {settings.bind} cannot be listened on ({os.strerror(error.errno or 0)}); "
        "choose another PORT or HOST."
    )
