"""A WebSocket below Engine.IO: a socket that the loop watches, without a greenlet of its own."""

from __future__ import annotations

import logging
import socket
from typing import Any

from chat.realtime import loop
from chat.realtime.counters import Counters
from chat.realtime.transport import frames
from chat.realtime.transport.closing_handshake import Lingering
from chat.realtime.transport.flushing import Flusher
from chat.realtime.transport.interfaces import Framed, Owner

READ_BYTES = 32_768  # one `recv`: one client's data must not delay the others for long
WRITE_BYTES = 262_144  # one `send` to a client that was slow
# Backpressure: bytes that may wait for one client. One with more is cut off, and reconnects.
MOST_WAITING = 1_048_576
STALLED_SECONDS = 8.0  # without the client accepting a byte; then we cut the client off

logger = logging.getLogger(__name__)


class ClientWebSocket:
    """A WebSocket of one client.

    Callers may append to `out` while `direct` is true; a caller that finds it empty adds the
    WebSocket to a list of the flusher. It may be in several lists.
    """

    __slots__ = (
        "_counters",
        "_flusher",
        "_is_watched",
        "_parser",
        "_progress",
        "_reader",
        "_rest",
        "_socket",
        "_writer",
        "direct",
        "out",
        "owner",
        "waiting",
    )

    def __init__(self, taken: Any, flusher: Flusher, counters: Counters, limit: int):
        # The caller sets the owner before the next round of the loop. None again: messages are
        # discarded.
        self.owner: Owner | None = None
        self.out: list[bytes] = []
        self.direct = True
        self.waiting = 0  # bytes that wait, while `direct` is false
        self._socket: Any = taken  # None: closed
        self._parser: frames.Parser | None = frames.Parser(limit)
        self._flusher = flusher
        self._counters = counters
        # the bytes of the last write that the socket did not accept
        self._rest: memoryview | None = None
        # how often the socket took bytes that waited; unchanged at the next check: a stall
        self._progress = 0
        self._is_watched = False  # a check for a stall is scheduled
        self._writer: loop.Listener = None
        self._reader: loop.Listener = loop.add_reader(taken.fileno(), self._readable)

    def send(self, packet: Framed) -> None:
        self.send_frame(packet.frame)

    def send_frame(self, frame: bytes) -> None:
        if self.direct:
            self.out.append(frame)
            # A large audience's list may make the WebSocket wait, so add it to this list anyway.
            self._flusher.small.append(self)
            self._flusher.wake()
        elif self._socket is not None and self.owner is not None:
            if self.waiting > MOST_WAITING:
                self._cut_off("too much waits for it")
                return
            self.out.append(frame)
            self.waiting += len(frame)

    def write(self, data: bytes) -> None:
        """Write at once, and buffer the bytes that the socket does not accept."""
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._lose("transport close")
            return
        if sent < len(data):
            self.direct = False
            self._rest = memoryview(data)[sent:]
            self.waiting = len(self._rest)
            self._writer = loop.add_writer(self._socket.fileno(), self._writable)
            self._watch_stall()

    def pause(self) -> None:
        """Stop reading until `resume`: TCP's backpressure slows the client down."""
        if self._reader is not None:
            loop.remove(self._reader)
            self._reader = None

    def resume(self) -> None:
        if self._reader is None and self._socket is not None:
            self._reader = loop.add_reader(self._socket.fileno(), self._readable)

    def close(self, code: int, reason: str = "", *, linger: bool = True) -> None:
        """Send the waiting packets and a close frame, then wait for the client to hang up.

        The owner receives no more messages. `linger` False: close at once, to free the descriptor.
        """
        if self._socket is None or self.owner is None:
            return
        self.owner = None
        if not self.direct:  # the client does not read, so no close frame would arrive
            self._drop()
            return
        try:
            self._socket.send(b"".join(self.out) + frames.close_frame(code, reason))
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop()
            return
        if linger:
            Lingering(self._release())
        self._drop()

    def _readable(self, _: int) -> None:
        if self._parser is None or (data := self._receive()) is None:
            return
        if not data:
            self._lose("transport close")
            return
        try:
            for opcode, payload in self._parser.feed(data):
                self._take(opcode, payload)
                if self.owner is None:
                    return
        except frames.Broken as broken:
            self._counters.bad_packets += 1
            self._hang_up(broken.code, "transport error", str(broken))
        except Exception:  # otherwise the exception would end the loop, which serves all sockets
            logger.error("a message could not be taken", exc_info=True)
            self._lose("transport error")

    def _receive(self) -> bytes | None:
        """Return the bytes that arrived: empty at the end of the stream, None if none came yet."""
        if self._socket is None:
            return None
        try:
            data: bytes = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return None
        except OSError:
            return b""
        return data

    def _take(self, opcode: int, payload: str | bytes) -> None:
        if opcode <= frames.BINARY:
            self.owner.receive(payload)  # type: ignore[union-attr]
        elif opcode == frames.PING:
            self.send_frame(frames.frame(frames.PONG, payload))  # type: ignore[arg-type]
        elif opcode == frames.CLOSE:
            code = frames.check_close(payload)  # type: ignore[arg-type]
            self._hang_up(code, "transport close")

    def _hang_up(self, code: int, reason: str, why: str = "") -> None:
        owner = self.owner
        self.close(code, why)
        if owner is not None:
            owner.lost(reason)

    def _writable(self, _: int) -> None:
        if self._socket is None or self._rest is None:
            return
        try:
            sent = self._socket.send(self._rest)
        except BlockingIOError:
            return
        except OSError:
            self._lose("transport close")
            return
        self._progress += 1
        self.waiting -= sent
        self._rest = self._rest[sent:] or self._next_portion()
        if not self._rest:
            loop.remove(self._writer)
            self._writer = None
            self._rest = None
            self.direct = True
            self.waiting = 0

    def _next_portion(self) -> memoryview:
        size = 0
        count = 0
        for frame in self.out:
            size += len(frame)
            count += 1
            if size > WRITE_BYTES:
                break
        portion = self.out[:count]
        del self.out[:count]
        return memoryview(b"".join(portion))

    def _watch_stall(self) -> None:
        if not self._is_watched:
            self._is_watched = True
            loop.call_later(STALLED_SECONDS, self._check_stall, self._progress)

    def _check_stall(self, progress: int) -> None:
        self._is_watched = False
        if self._socket is None or self._writer is None:
            return
        if progress == self._progress:
            self._cut_off("it takes nothing of what waits for it")
        else:
            self._watch_stall()

    def _cut_off(self, why: str) -> None:
        self._counters.slow_consumers += 1
        logger.info("a slow client is cut off", extra={"reason": why, "waiting": self.waiting})
        self._lose("transport error")

    def _lose(self, reason: str) -> None:
        owner = self.owner
        self.owner = None
        self._drop()
        if owner is not None:
            owner.lost(reason)

    def _drop(self) -> None:
        if self._socket is not None:
            self._release().close()

    def _release(self) -> Any:
        """Return the socket to be closed, without its listeners: the system reuses its number."""
        self.pause()
        if self._writer is not None:
            loop.remove(self._writer)
        taken = self._socket
        self._socket = None
        self._writer = None
        self._rest = None
        self._parser = None
        self.out = []
        self.direct = False
        self.waiting = 0
        return taken
