"""The end of a WebSocket: from our close frame until the other side hangs up."""

from __future__ import annotations

from typing import Any

from chat.realtime import loop

READ_BYTES = 32_768  # bytes of one read
MOST_DISCARDED = 262_144  # bytes that arrive after our close frame
LINGER_SECONDS = 2.0  # for the other side to hang up; then we close the socket


class Lingering:
    """Discards the bytes that arrive, then closes the socket.

    Unread data would make the kernel reset the connection, and the close frame would be lost.
    """

    __slots__ = ("_discarded", "_reader", "_socket")

    def __init__(self, taken: Any):
        self._socket: Any = taken  # None: closed
        self._discarded = 0  # bytes discarded so far
        self._reader: loop.Listener = loop.add_reader(taken.fileno(), self._discard)
        loop.call_later(LINGER_SECONDS, self._close)

    def _discard(self, _: int) -> None:
        if self._socket is None:
            return
        try:
            size = len(self._socket.recv(READ_BYTES))
        except BlockingIOError:
            return
        except OSError:
            size = 0
        self._discarded += size
        if not size or self._discarded > MOST_DISCARDED:
            self._close()

    def _close(self) -> None:
        if self._socket is not None:
            # before closing: the system may reuse the socket's number at once
            loop.remove(self._reader)
            self._socket.close()
            self._socket = None
