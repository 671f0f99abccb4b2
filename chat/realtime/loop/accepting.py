"""Accepting connections for eventlet's web server, even without free descriptors or memory."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

import eventlet

from chat.realtime.http.connections import Connections
from chat.realtime.rare_log import RareLog

LISTENER_IS_GONE = frozenset({errno.EBADF, errno.EINVAL, errno.ENOTSOCK, errno.EOPNOTSUPP})
HUNG_UP = frozenset({errno.ECONNABORTED, errno.EPROTO})
# a wait for a free descriptor; meanwhile the accepted connections can send requests
WAIT_SECONDS = 0.1
# A sleep after closing a connection: the loop runs once, which frees the descriptor.
ROUND_SECONDS = 0.001
ACCEPTED_IN_A_ROW = 16  # connections, after which other greenlets run
END_SECONDS = 4.0  # for running requests to finish at shutdown


class Pool(eventlet.GreenPool):  # type: ignore[misc]
    """The greenlets of connections. Shutdown waits for them for END_SECONDS at most."""

    def waitall(self) -> None:
        with eventlet.Timeout(END_SECONDS, False):
            super().waitall()


class Listener:
    """The listening socket as eventlet's server sees it.

    `most_sockets`: descriptors from this number on are reserved. `make_room`: closes a WebSocket or
    another socket that is not plain HTTP, and returns whether there was one.
    """

    def __init__(
        self,
        listener: Any,
        connections: Connections,
        log: RareLog,
        *,
        most_sockets: int,
        make_room: Callable[[], bool],
    ):
        self._listener = listener
        self._connections = connections
        self._log = log
        self._most_sockets = most_sockets
        self._make_room = make_room
        self._in_a_row = 0
        self._waited = False  # the last wait freed no descriptor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._listener, name)

    def accept(self) -> tuple[Any, Any]:
        """Return the next connection. Yields.

        Raises OSError only when the listening socket itself is gone.
        """
        while True:
            self._take_turns()
            try:
                taken, address = self._listener.accept()
            except OSError as error:
                if error.errno in LISTENER_IS_GONE:
                    raise
                self._recover_from(error)
                continue
            self._waited = False
            if self._admits(taken, address):
                return taken, address
            taken.close()

    def _take_turns(self) -> None:
        self._in_a_row += 1
        if self._in_a_row % ACCEPTED_IN_A_ROW == 0:
            eventlet.sleep(0)

    def _recover_from(self, error: OSError) -> None:
        """Recover from an error, such as a lack of descriptors or memory.

        New connections wait for WAIT_SECONDS. If that frees nothing, an idle connection is closed.
        """
        if error.errno in HUNG_UP:
            return
        made_room = self._waited and (self._connections.close_oldest() or self._make_room())
        reason = errno.errorcode.get(error.errno or 0, "?")
        self._log.info("no connection can be accepted", reason=reason, made_room=made_room)
        eventlet.sleep(ROUND_SECONDS if made_room else WAIT_SECONDS)
        self._waited = not made_room

    def _admits(self, taken: Any, address: Any) -> bool:
        """Return whether a new connection may stay.

        The system assigns the lowest free number, so a high number shows how many are in use.
        """
        if taken.fileno() >= self._most_sockets and not (
            self._connections.close_oldest() or self._make_room()
        ):
            self._log.info("a connection was refused", most_sockets=self._most_sockets)
            return False
        host = ""  # a Unix socket has no host
        if isinstance(address, tuple):
            host = address[0]
        return self._connections.admit(taken, host)
