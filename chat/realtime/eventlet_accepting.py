"""Accepting connections for eventlet's web server, whatever the system is short of."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

import eventlet

from chat.realtime.http_connections import Connections
from chat.realtime.rare_log import RareLog

LISTENER_IS_GONE = frozenset({errno.EBADF, errno.EINVAL, errno.ENOTSOCK, errno.EOPNOTSUPP})
HUNG_UP = frozenset({errno.ECONNABORTED, errno.EPROTO})
WAIT_SECONDS = 0.1  # for a descriptor; whoever has just come can say what they want meanwhile
ROUND_SECONDS = 0.001  # for one round of the loop, in which a closed connection gives its back
ACCEPTED_IN_A_ROW = 16  # connections; then everybody else has a turn


class Listener:
    """The listening socket as eventlet's server knows it.

    `most_sockets`: descriptors from this number on are kept back. `make_room`: closes something
    that has a socket and is no plain HTTP, and returns whether there was anything.
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
        self._listener, self._connections, self._log = listener, connections, log
        self._most_sockets, self._make_room = most_sockets, make_room
        self._in_a_row = 0
        self._waited = False  # in vain, for a descriptor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._listener, name)

    def accept(self) -> tuple[Any, Any]:
        """Raises OSError only when the listening socket itself is gone. Yields."""
        while True:
            self._take_turns()
            try:
                taken, address = self._listener.accept()
            except OSError as error:
                if error.errno in LISTENER_IS_GONE:
                    raise
                self._go_on_after(error)
                continue
            self._waited = False
            if self._admits(taken, address):
                return taken, address
            taken.close()

    def _take_turns(self) -> None:
        self._in_a_row += 1
        if self._in_a_row % ACCEPTED_IN_A_ROW == 0:
            eventlet.sleep(0)

    def _go_on_after(self, error: OSError) -> None:
        """Out of descriptors or memory: those who come wait. If that is in vain, somebody goes."""
        if error.errno in HUNG_UP:
            return
        made_room = self._waited and (self._connections.close_oldest() or self._make_room())
        reason = errno.errorcode.get(error.errno or 0, "?")
        self._log.info("no connection can be accepted", reason=reason, made_room=made_room)
        eventlet.sleep(ROUND_SECONDS if made_room else WAIT_SECONDS)
        self._waited = not made_room

    def _admits(self, taken: Any, address: Any) -> bool:
        """The system gives out the lowest free number: a high one says how many are in use."""
        if taken.fileno() >= self._most_sockets and not (
            self._connections.close_oldest() or self._make_room()
        ):
            self._log.info("a connection was refused", most_sockets=self._most_sockets)
            return False
        return self._connections.admit(taken, address[0] if isinstance(address, tuple) else "")
