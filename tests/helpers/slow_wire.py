"""A wire to the database on which one answer comes late."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from urllib.parse import urlsplit

CHUNK = 65_536


class SlowWire:
    """Passes on what a program and its database say; while it is open, it listens at `uri`.

    The first query that contains `words` arrives `seconds` late; `was_late` says that it came.
    """

    def __init__(self, uri: str, words: bytes, seconds: float):
        there = urlsplit(uri)
        assert there.hostname
        assert there.port
        self._there = (there.hostname, there.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.uri = uri.replace(f":{there.port}/", f":{port}/")
        self._words, self._seconds = words, seconds
        self.was_late = False

    def __enter__(self) -> SlowWire:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                here, _ = self._listener.accept()
            except OSError:  # closed
                return
            there = socket.create_connection(self._there)
            for source, target in ((here, there), (there, here)):
                threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with source, target, suppress(OSError):  # either end may close both
            while data := source.recv(CHUNK):
                if self._words in data and not self.was_late:
                    self.was_late = True
                    time.sleep(self._seconds)
                target.sendall(data)
