"""Packets of Socket.IO v5, parsed strictly."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from chat.realtime.protocols.engine_packets import BadPacket, Encoded
from chat.realtime.protocols.json import Json

# Kinds of packets
CONNECT = 0
DISCONNECT = 1
EVENT = 2
ACK = 3
CONNECT_ERROR = 4
BINARY_EVENT = 5
BINARY_ACK = 6

MOST_ATTACHMENTS = 10
# Names of events of the clients' own life cycle: handlers would take a stranger's for genuine.
RESERVED = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)

_HEAD = re.compile(r"([0-6])(?:(\d{1,10})-)?(?:(/[^,]*),?)?(\d{1,15})?", re.ASCII)


class Packet(NamedTuple):
    """A client's Socket.IO packet. `missing`: how many attachments are still to come."""

    kind: int
    namespace: str
    id: int | None
    data: Any
    missing: int = 0
    attachments: tuple[bytes, ...] = ()


def encode(
    json: Json, kind: int, namespace: str, data: Any = None, number: int | None = None
) -> Encoded:
    """Return a Socket.IO packet in an Engine.IO message; bytes make an EVENT or ACK binary."""
    text = b""
    attachments: list[bytes] = []
    if data is not None:
        text, attachments = json.dumps(data)
    head = b"4%d" % kind
    if attachments:
        head = b"4%d%d-" % (kind + BINARY_EVENT - EVENT, len(attachments))
    if namespace != "/":
        head += namespace.encode() + b","
    if number is not None:
        head += b"%d" % number
    return Encoded(head + text, attachments)


def decode(json: Json, text: str) -> Packet:
    """Return a client's packet. Raises BadPacket for a packet that violates the protocol."""
    head = _HEAD.match(text)
    if head is None:
        raise BadPacket("no packet")
    kind = int(head[1])
    count = head[2]
    number = head[4]
    data = None
    if body := text[head.end() :]:
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            raise BadPacket("no JSON") from None
    if (count is not None) is not (kind in (BINARY_EVENT, BINARY_ACK)):
        raise BadPacket("attachments")
    missing = int(count or 0)
    if missing > MOST_ATTACHMENTS:
        raise BadPacket("too many attachments")
    _require_shape(kind, number, data)
    namespace = (head[3] or "/").partition("?")[0]
    packet = Packet(kind, namespace, int(number) if number else None, data, missing)
    if missing or kind < BINARY_EVENT:
        return packet
    return _whole(packet)


def add_attachment(packet: Packet, attachment: bytes) -> Packet:
    """Return the packet with one more attachment. Raises BadPacket.

    The last attachment replaces the placeholders with the attachments.
    """
    packet = packet._replace(
        missing=packet.missing - 1, attachments=(*packet.attachments, attachment)
    )
    if packet.missing:
        return packet
    return _whole(packet)


def list_of(attachments: Sequence[bytes]) -> list[str]:
    """Return attachments in base64, which JSON can carry."""
    return [base64.b64encode(attachment).decode() for attachment in attachments]


def unlist(attachments: list[str] | None) -> list[bytes]:
    if not attachments:
        return []
    return [base64.b64decode(attachment) for attachment in attachments]


def put_together(json: Json, text: bytes, attachments: list[str] | None) -> Any:
    """Return the value that `Json.dumps` took apart."""
    return _put_back(json.loads(text.decode()), tuple(unlist(attachments)))


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
    kind = ACK
    if packet.kind == BINARY_EVENT:
        kind = EVENT
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
