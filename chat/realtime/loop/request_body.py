"""The body of a request, as the application reads it: strict about chunks, and with a deadline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import eventlet.wsgi

from chat.realtime.http import syntax as http_syntax
from chat.realtime.loop.reading import TimedReader

DISCARDED = 65_536  # bytes of an unread body that we discard; a longer rest ends the connection
AT_ONCE = 1_048_576  # bytes that one read may add to the deadline
MOST_TRAILER_BYTES = 8_192


class Body(eventlet.wsgi.Input):  # type: ignore[misc]
    """The body of a request. `length` None: it comes in chunks.

    A broken body raises ValueError or OSError, as Werkzeug expects when a client is gone.
    """

    chunk_length: int  # bytes of the current chunk; -1: no chunk yet, 0: the body has ended
    position: int  # bytes already read of the chunk, or of the whole body
    content_length: int

    def __init__(
        self, file: Any, reader: TimedReader, length: int | None, connection: Any, asks: Any
    ):
        """Create the body. `asks`: the writer for 100 Continue; None: nobody expects it."""
        continue_line = b"HTTP/1.1 100 Continue\r\n"
        super().__init__(file, length, connection, asks, continue_line, length is None)
        self._reader = reader
        self._received = 0  # bytes received so far
        self._until = 0.0  # the deadline for the first byte
        self._began = False
        self._broken = False

    @property
    def is_unread(self) -> bool:
        """Return whether part of the body may still arrive."""
        if self.chunked_input:
            return self._broken or self.chunk_length != 0
        return self.position < self.content_length

    @property
    def is_too_much_to_discard(self) -> bool:
        if self.chunked_input:
            return self.is_unread  # nobody knows how long the rest of a chunked body is
        return self.content_length - self.position > DISCARDED

    def _do_read(self, reader: Callable[[int], bytes], length: int | None = None) -> bytes:
        left = self.content_length - self.position
        wanted = left
        if length is not None and length >= 0:
            wanted = min(length, left)
        self._give_time(wanted)
        before = self.position
        data: bytes = super()._do_read(reader, wanted)
        self._received += self.position - before
        return data

    def _chunked_read(
        self, rfile: Any, length: int | None = None, use_readline: bool = False
    ) -> bytes:
        if self._broken:
            raise eventlet.wsgi.ChunkReadError("the chunks before it were broken")
        if self.should_send_hundred_continue:
            self.send_hundred_continue_response()
            self.is_hundred_continue_response_sent = True
        try:
            if length is None:
                length = -1
            return self._read_chunks(rfile, length, line=use_readline)
        except BaseException:
            self._broken = True
            raise

    def _read_chunks(self, rfile: Any, length: int, *, line: bool) -> bytes:
        parts: list[bytes] = []
        read: Callable[[int], bytes] = rfile.read
        if line:
            read = rfile.readline
        while length != 0 and self._in_a_chunk(rfile):
            left = self.chunk_length - self.position
            wanted = left
            if length >= 0:
                wanted = min(left, length)
            self._give_time(wanted)
            data = read(wanted)
            if not data:
                raise eventlet.wsgi.ChunkReadError("the connection ended within a chunk")
            parts.append(data)
            self.position += len(data)
            self._received += len(data)
            if length > 0:
                length -= len(data)
            if line and data.endswith(b"\n"):
                break
        return b"".join(parts)

    def _in_a_chunk(self, rfile: Any) -> bool:
        """Return whether the body goes on; begin the next chunk where one has ended."""
        if self.chunk_length > self.position:
            return True
        if self.chunk_length == 0:
            return False
        self._give_time(0)
        if self.chunk_length > 0 and rfile.read(2) != http_syntax.END:
            raise eventlet.wsgi.ChunkReadError("a chunk is longer than announced")
        try:
            size = http_syntax.chunk_size(rfile.readline(http_syntax.LONGEST_CHUNK_LINE))
            if size == 0:
                self._skip_trailers(rfile)
        except http_syntax.NotHttp as mistake:
            raise eventlet.wsgi.ChunkReadError(str(mistake)) from None
        self.chunk_length = size
        self.position = 0
        return size > 0

    def _skip_trailers(self, rfile: Any) -> None:
        left = MOST_TRAILER_BYTES
        while (line := rfile.readline(left + 1)) != http_syntax.END:
            left -= len(line)
            if left <= 0:
                raise http_syntax.too_large("The trailers are too long.")
            http_syntax.field(line)

    def _give_time(self, wanted: int) -> None:
        """Extend the deadline for received and wanted bytes, counted from the first read."""
        patience = self._reader.patience
        if not self._began:
            self._began = True
            self._reader.give(patience.body)
            self._until = self._reader.deadline
        so_far = self._received + min(wanted, AT_ONCE)
        self._reader.deadline = self._until + so_far / patience.body_rate
