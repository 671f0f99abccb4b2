"""RFC 6455, as far as a server needs it: handshake, frames out, frames in. No input or output."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Iterator

# Opcodes
CONTINUATION = 0
TEXT = 1
BINARY = 2
CLOSE = 8
PING = 9
PONG = 10

# Close codes
NORMAL = 1000
GOING_AWAY = 1001
PROTOCOL_ERROR = 1002
UNACCEPTABLE = 1003
INVALID_TEXT = 1007
TOO_BIG = 1009
TRY_AGAIN_LATER = 1013

LARGEST_CONTROL = 125  # bytes
_OPCODES = frozenset({CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_MEDIUM = struct.Struct("!BBH")
_LONG = struct.Struct("!BBQ")


class Broken(Exception):
    """The bytes are no valid WebSocket stream; the connection ends with the close code `code`."""

    def __init__(self, code: int, reason: str):
        super().__init__(reason)
        self.code = code


def accepts(key: str) -> bool:
    """Return whether this is a Sec-WebSocket-Key: 16 bytes in base64."""
    try:
        return len(base64.b64decode(key, validate=True)) == 16
    except (binascii.Error, ValueError):
        return False


def switching_protocols(key: str) -> bytes:
    """Return the answer to a handshake.

    The server never agrees to an extension: permessage-deflate costs 90 KB for each connection.
    """
    accept = base64.b64encode(hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


def frame(opcode: int, payload: bytes) -> bytes:
    """Return one whole frame, unmasked as servers send it."""
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, size)) + payload
    if size < 65_536:
        return _MEDIUM.pack(0x80 | opcode, 126, size) + payload
    return _LONG.pack(0x80 | opcode, 127, size) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    return frame(CLOSE, code.to_bytes(2, "big") + reason.encode()[: LARGEST_CONTROL - 2])


def unmask(payload: bytes, mask: bytes) -> bytes:
    """Unmask a payload, as one large integer.

    Unmasking a frame of 1 MB byte by byte blocked the loop for 2 s.
    """
    size = len(payload)
    pad = mask * (size // 4) + mask[: size % 4]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(pad, "little")).to_bytes(
        size, "little"
    )


class Parser:
    """Parses a client's frames from chunks of any size.

    `limit`: bytes of one message over all its frames. The parser checks a frame's header before it
    buffers any of the payload.
    """

    __slots__ = ("_fragments", "_incomplete", "_limit", "_missing", "_opcode")

    def __init__(self, limit: int):
        self._limit = limit
        self._incomplete: bytearray | None = None  # the beginning of an incomplete frame
        self._missing = 0  # bytes that `_incomplete` needs before parsing continues
        self._opcode = CONTINUATION  # opcode of the message whose fragments are arriving
        self._fragments: bytearray | None = None

    # The function exceeds 40 lines because it runs for every frame, and a call costs as much as a
    # check.
    def feed(self, data: bytes) -> Iterator[tuple[int, str | bytes]]:
        """Yield (opcode, payload) of each completed message and control frame. Raises Broken.

        The payload of a text message is a str.
        """
        if self._incomplete is not None:
            self._incomplete += data
            if len(self._incomplete) < self._missing:
                return
            data = bytes(self._incomplete)
            self._incomplete = None
        self._missing = 0
        at = 0
        end = len(data)
        while end - at >= 2:
            first = data[at]
            size = data[at + 1]
            start = at + 2
            opcode = first & 0x0F
            _check_head(first, size, opcode)
            size &= 0x7F
            if size >= 126:
                width = 2 if size == 126 else 8
                if start + width > end:
                    break
                size = int.from_bytes(data[start : start + width], "big")
                start += width
            if opcode < CLOSE and size > self._limit - len(self._fragments or b""):
                raise Broken(TOO_BIG, "the message is too large")
            stop = start + 4 + size
            if stop > end:
                self._missing = stop - at
                break
            payload = unmask(data[start + 4 : stop], data[start : start + 4])
            at = stop
            if opcode >= CLOSE:
                yield opcode, payload
            elif (message := self._message(opcode, payload, whole=bool(first & 0x80))) is not None:
                yield message
        if at < end:
            self._incomplete = bytearray(data[at:])

    def _message(
        self, opcode: int, payload: bytes, *, whole: bool
    ) -> tuple[int, str | bytes] | None:
        if (opcode == CONTINUATION) is (self._fragments is None):
            raise Broken(PROTOCOL_ERROR, "a fragment out of place")
        if self._fragments is not None:
            self._fragments += payload
            if not whole:
                return None
            opcode = self._opcode
            payload = bytes(self._fragments)
            self._fragments = None
        elif not whole:
            self._opcode = opcode
            self._fragments = bytearray(payload)
            return None
        if opcode == BINARY:
            return BINARY, payload
        try:
            return TEXT, payload.decode()
        except UnicodeDecodeError:
            raise Broken(INVALID_TEXT, "text that is not UTF-8") from None


def _check_head(first: int, second: int, opcode: int) -> None:
    """Check the first two bytes of a frame from a client. Raises Broken."""
    if not second & 0x80:
        raise Broken(PROTOCOL_ERROR, "a frame that is not masked")
    if first & 0x70:
        raise Broken(PROTOCOL_ERROR, "reserved bits are set")
    is_whole_and_short = first & 0x80 and second & 0x7F <= LARGEST_CONTROL
    if opcode not in _OPCODES or (opcode >= CLOSE and not is_whole_and_short):
        raise Broken(PROTOCOL_ERROR, "a frame of no known kind")


def check_close(payload: bytes) -> int:
    """Return the code that answers a client's close frame. Raises Broken for reserved codes."""
    if not payload:
        return NORMAL
    code = int.from_bytes(payload[:2], "big")
    if len(payload) == 1 or not (
        code in range(1000, 1004) or code in range(1007, 1012) or code in range(3000, 5000)
    ):
        raise Broken(PROTOCOL_ERROR, "no close code")
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        raise Broken(INVALID_TEXT, "a reason that is not UTF-8") from None
    return code
