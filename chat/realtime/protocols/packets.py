"""Packets of Engine.IO v4 and Socket.IO v5: encoded once for all recipients, parsed strictly."""

from __future__ import annotations

import base64
import binascii
import json as standard_json
import re
from types import ModuleType
from typing import Any, NamedTuple

import orjson
from socketio.packet import Packet as ReferencePacket

from chat.realtime.transport import websocket

# Engine.IO
OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP = "0123456"
SEPARATOR = b"\x1e"

# Socket.IO
CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = range(7)
MOST_ATTACHMENTS = 10
# Names of the clients' own life cycle: sent from outside, they would reach handlers as genuine.
RESERVED = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)

_HEAD = re.compile(r"([0-6])(?:(\d{1,10})-)?(?:(/[^,]*),?)?(\d{1,15})?", re.ASCII)


class BadPacket(Exception):
    """What arrived is no packet; the server closes the connection of its sender."""


class Encoded:
    """A packet ready to send: its WebSocket frames, and its form in a polling answer."""

    __slots__ = ("_attachments", "_payload", "_text", "frame")

    def __init__(self, text: bytes, attachments: list[bytes] | None = None):
        self._text, self._attachments, self._payload = text, attachments, b""
        self.frame = websocket.frame(websocket.TEXT, text)
        for attachment in attachments or ():
            self.frame += websocket.frame(websocket.BINARY, attachment)

    @property
    def payload(self) -> bytes:
        if not self._payload:
            parts = [
                self._text,
                *(b"b" + base64.b64encode(attachment) for attachment in self._attachments or ()),
            ]
            self._payload = SEPARATOR.join(parts)
        return self._payload

    @property
    def parts(self) -> tuple[str, list[bytes]]:
        """Return the text and the attachments, of which another process rebuilds the packet."""
        return self._text.decode(), self._attachments or []


def frames_of(payload: bytes) -> bytes:
    """Return the WebSocket frames for a polling payload.

    A connection may be upgraded while packets wait.
    """
    return b"".join(
        websocket.frame(websocket.BINARY, base64.b64decode(part[1:]))
        if part[:1] == b"b"
        else websocket.frame(websocket.TEXT, part)
        for part in payload.split(SEPARATOR)
    )


def decode_attachment(part: str) -> bytes:
    """Return the bytes of `b…` in a polling payload. Raises BadPacket."""
    try:
        return base64.b64decode(part[1:], validate=True)
    except (binascii.Error, ValueError):
        raise BadPacket("an attachment that is not base64") from None


class Packet(NamedTuple):
    """A client's Socket.IO packet. `missing`: how many attachments are still to come."""

    kind: int
    namespace: str
    id: int | None
    data: Any
    missing: int = 0
    attachments: tuple[bytes, ...] = ()


class Json:
    """JSON as Socket.IO needs it, with bytes replaced by placeholders.

    It uses orjson, and the standard library where orjson fails.
    """

    def dumps(self, value: Any) -> tuple[bytes, list[bytes]]:
        """Return JSON, and the attachments that it has placeholders for."""
        attachments: list[bytes] = []

        def take_out(part: Any) -> dict[str, Any]:
            if not isinstance(part, bytes | bytearray | memoryview):
                raise TypeError(f"{type(part).__name__} is not JSON")
            attachments.append(bytes(part))
            return {"_placeholder": True, "num": len(attachments) - 1}

        try:
            return orjson.dumps(value, default=take_out), attachments
        except orjson.JSONEncodeError:
            # A lone surrogate in a quotation of a client; keys that are numbers.
            attachments.clear()
            return standard_json.dumps(
                value, separators=(",", ":"), default=take_out
            ).encode(), attachments

    def loads(self, text: str) -> Any:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            # Half an emoji is JSON to the standard library: the client gets an answer.
            return standard_json.loads(text)


class GivenJson(Json):
    """An application's own JSON module: anything with `dumps` and `loads`."""

    def __init__(self, module: ModuleType | Any):
        self._module = module

    def dumps(self, value: Any) -> tuple[bytes, list[bytes]]:
        attachments: list[bytes] = []
        if ReferencePacket.data_is_binary(value):
            value, attachments = ReferencePacket.deconstruct_binary(value)
        return self._module.dumps(value, separators=(",", ":")).encode(), attachments

    def loads(self, text: str) -> Any:
        return self._module.loads(text)


def encode(
    json: Json, kind: int, namespace: str, data: Any = None, number: int | None = None
) -> Encoded:
    """Return a Socket.IO packet in an Engine.IO message; bytes make an EVENT or ACK binary."""
    text, attachments = json.dumps(data) if data is not None else (b"", [])
    head = (
        b"4%d%d-" % (kind + BINARY_EVENT - EVENT, len(attachments))
        if attachments
        else b"4%d" % kind
    )
    if namespace != "/":
        head += namespace.encode() + b","
    if number is not None:
        head += b"%d" % number
    return Encoded(head + text, attachments or None)


def decode(json: Json, text: str) -> Packet:
    """Return a client's packet. Raises BadPacket for what no client of the protocol sends."""
    head = _HEAD.match(text)
    if head is None:
        raise BadPacket("no packet")
    kind, count, namespace, number = int(head[1]), head[2], head[3], head[4]
    body = text[head.end() :]
    try:
        data = json.loads(body) if body else None
    except (ValueError, RecursionError):
        raise BadPacket("no JSON") from None
    if (count is not None) is not (kind in (BINARY_EVENT, BINARY_ACK)):
        raise BadPacket("attachments")
    missing = int(count) if count else 0
    if missing > MOST_ATTACHMENTS:
        raise BadPacket("too many attachments")
    _require_shape(kind, number, data)
    namespace = namespace.partition("?")[0] if namespace else "/"
    packet = Packet(kind, namespace, int(number) if number else None, data, missing)
    return packet if missing or kind < BINARY_EVENT else _whole(packet)


def add_attachment(packet: Packet, attachment: bytes) -> Packet:
    """Return the packet with one more attachment. Raises BadPacket.

    The last attachment replaces the placeholders with the attachments.
    """
    packet = packet._replace(
        missing=packet.missing - 1, attachments=(*packet.attachments, attachment)
    )
    return packet if packet.missing else _whole(packet)


def list_of(attachments: list[bytes]) -> list[str]:
    """Return attachments as JSON can carry them."""
    return [base64.b64encode(attachment).decode() for attachment in attachments]


def unlist(attachments: list[str] | None) -> list[bytes] | None:
    return [base64.b64decode(attachment) for attachment in attachments] if attachments else None


def put_together(json: Json, text: bytes, attachments: list[str] | None) -> Any:
    """Return the value that `Json.dumps` took apart."""
    return _put_back(json.loads(text.decode()), tuple(unlist(attachments) or ()))


def _require_shape(kind: int, number: str | None, data: Any) -> None:
    if kind == CONNECT:
        good = number is None and (data is None or isinstance(data, dict))
    elif kind == DISCONNECT:
        good = number is None and data is None
    elif kind in (EVENT, BINARY_EVENT):
        good = (
            isinstance(data, list)
            and len(data) > 0
            and isinstance(data[0], str)
            and data[0] not in RESERVED
        )
    elif kind in (ACK, BINARY_ACK):
        good = number is not None and isinstance(data, list)
    else:
        good = False
    if not good:
        raise BadPacket("no packet of its kind")


def _whole(packet: Packet) -> Packet:
    kind = EVENT if packet.kind == BINARY_EVENT else ACK
    try:
        return packet._replace(
            kind=kind, data=_put_back(packet.data, packet.attachments), attachments=()
        )
    except RecursionError:
        raise BadPacket("nested too deeply") from None


def _put_back(data: Any, attachments: tuple[bytes, ...]) -> Any:
    if isinstance(data, list):
        return [_put_back(part, attachments) for part in data]
    if not isinstance(data, dict):
        return data
    if data.get("_placeholder") is True:
        number = data.get("num")
        if type(number) is not int or not 0 <= number < len(attachments):
            raise BadPacket("a placeholder for nothing")
        return attachments[number]
    return {key: _put_back(part, attachments) for key, part in data.items()}
