"""The Python client gives its token to nobody whom a redirect names."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.clients.following import Listener, Newsboard
from tests.helpers.servers import wait_until


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the port of a server that gives one answer to all, and what it was asked."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    line, _ = listener.accept()
                    with line:
                        heard.append(line.recv(4096))
                        line.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1], heard


def test_a_redirect_of_the_socket_does_not_get_the_token() -> None:
    with answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") as (elsewhere, gets):
        moved = f"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:{elsewhere}/\r\n\r\n"
        with answering(moved.encode()) as (port, asked):
            listener = Listener(f"http://127.0.0.1:{port}", "rtc_secret", Newsboard(), 2.0)
            listener.start()
            # It has given up its first connection when it begins the second one.
            wait_until(lambda: len(asked) > 1, "the client connects again")
            listener.stop()
        assert gets == []
