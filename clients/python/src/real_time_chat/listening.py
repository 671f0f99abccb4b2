"""Keep a socket to the chat open, for ever: its events say where something is new."""

from __future__ import annotations

import logging
import random
import threading

import socketio

from real_time_chat.news import Newsboard

PAUSE_SECONDS = (1.0, 3.0)  # before the next connection, at random: bots must not come all at once

log = logging.getLogger(__name__)


class Listener:
    """A thread that connects, and connects again, until it is stopped.

    A line that is half open is noticed after the time that the chat announces: its sockets are
    never silent for longer.
    """

    def __init__(self, url: str, token: str, board: Newsboard, timeout: float):
        self._url = url
        self._token = token
        self._board = board
        self._timeout = timeout
        self._is_stopped = threading.Event()
        self._client: socketio.Client | None = None
        self._thread = threading.Thread(target=self._run, name="real_time_chat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the connection and the thread, without waiting for them."""
        self._is_stopped.set()
        if self._client and self._client.eio.ws:
            self._client.eio.ws.abort()

    def _run(self) -> None:
        while not self._is_stopped.is_set():
            try:
                self._listen()
            except Exception as problem:  # noqa: BLE001  whatever it was, the next attempt follows
                log.info("no connection to %s: %s", self._url, problem)
                # A look at all rooms does what it can, and says whether the token is still good.
                self._board.note_anywhere()
            self._is_stopped.wait(random.uniform(*PAUSE_SECONDS))  # noqa: S311

    def _listen(self) -> None:
        """Connect, and stay connected. Each connection begins with `hello`."""
        self._client = client = socketio.Client(
            reconnection=False,
            request_timeout=self._timeout,
            handle_sigint=False,
            # A redirect would get the token.
            websocket_extra_options={"redirect_limit": 0},
        )
        client.on("*", self._board.note)
        try:
            client.connect(
                self._url,
                auth={"token": self._token},
                transports=["websocket"],
                wait_timeout=self._timeout,
            )
            if not self._is_stopped.is_set():
                client.wait()
        finally:
            if client.eio.ws:
                client.eio.ws.shutdown()
