"""The signals that stop a serving process."""

from __future__ import annotations

import signal
import socket

from chat.server import supervisor

ENDED = b"."  # sent instead of a signal's number when serving ends by itself


class StopSignals:
    """Waits for the first signal of supervisor.STOP, or until serving ends.

    The handler of the signals raises no exception, because that would end only the greenlet that
    happens to run. Instead each signal writes its number to a socket.
    """

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in supervisor.STOP:
            signal.signal(number, lambda *_: None)

    def wait(self) -> signal.Signals | None:
        """Return the signal that arrives; None when serving ends first. Yields."""
        received = self._reader.recv(1)
        if received == ENDED:
            return None
        return signal.Signals(received[0])

    def serving_ended(self) -> None:
        self._writer.send(ENDED)
