"""Packets of Engine.IO v4: encoded once for all recipients."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence

from chat.realtime.transport import frames

# The first character of a packet is its type.
CLOSE = "1"
PING = "2"
PONG = "3"
MESSAGE = "4"
UPGRADE = "5"
SEPARATOR = b"\x1e"  # between the packets of a polling payload


class BadPacket(Exception):
    """The client sent no valid packet; the server closes the connection."""


class Encoded:
    """A packet ready to send: its WebSocket frames, and its form in a polling answer."""

    __slots__ = ("_payload", "attachments", "frame", "text")

    def __init__(self, text: bytes, attachments: Sequence[bytes] = ()):
        self.text = text
        self.attachments = attachments
        self._payload = b""
        self.frame = frames.frame(frames.TEXT, text)
        for attachment in attachments:
            self.frame += frames.frame(frames.BINARY, attachment)

    @property
    def payload(self) -> bytes:
        if not self._payload:
            parts = [
                self.text,
                *(b"b" + base64.b64encode(attachment) for attachment in self.attachments),
            ]
            self._payload = SEPARATOR.join(parts)
        return self._payload


NOOP_PACKET = Encoded(b"6")
CLOSE_PACKET = Encoded(b"1")
PING_PACKET = Encoded(b"2")
PROBE_ANSWER = Encoded(b"3probe")


def frames_of(payload: bytes) -> bytes:
    """Return the WebSocket frames for a polling payload.

    Needed when a client upgrades its connection while packets wait in a polling payload.
    """
    return b"".join(map(_frame_of, payload.split(SEPARATOR)))


def parts_of(body: str) -> Iterator[str | bytes]:
    """Yield the packets of a polling payload. Raises BadPacket."""
    for part in body.split(SEPARATOR.decode()):
        if part[:1] == "b":
            yield decode_attachment(part)
        else:
            yield part


def decode_attachment(part: str) -> bytes:
    """Return the bytes of `b…` in a polling payload. Raises BadPacket."""
    try:
        return base64.b64decode(part[1:], validate=True)
    except (binascii.Error, ValueError):
        raise BadPacket("an attachment that is not base64") from None


def _frame_of(part: bytes) -> bytes:
    if part[:1] == b"b":
        return frames.frame(frames.BINARY, base64.b64decode(part[1:]))
    return frames.frame(frames.TEXT, part)
