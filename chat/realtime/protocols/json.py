"""JSON as Socket.IO needs it, with bytes replaced by placeholders."""

from __future__ import annotations

import json as standard_json
from types import ModuleType
from typing import Any

import orjson
from socketio.packet import Packet as ReferencePacket


class Json:
    """JSON as Socket.IO needs it, with bytes replaced by placeholders.

    It uses orjson, and the standard library where orjson fails.
    """

    def dumps(self, value: Any) -> tuple[bytes, list[bytes]]:
        """Return JSON, and the attachments for which the JSON has placeholders."""
        attachments: list[bytes] = []

        def take_out(part: Any) -> dict[str, Any]:
            if not isinstance(part, bytes | bytearray | memoryview):
                raise TypeError(f"{type(part).__name__} is not JSON")
            attachments.append(bytes(part))
            return {"_placeholder": True, "num": len(attachments) - 1}

        try:
            return orjson.dumps(value, default=take_out), attachments
        except orjson.JSONEncodeError:
            # orjson refuses keys that are numbers, and a lone surrogate that quotes a client.
            attachments.clear()
            return standard_json.dumps(
                value, separators=(",", ":"), default=take_out
            ).encode(), attachments

    def loads(self, text: str) -> Any:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            # The standard library accepts half an emoji, which orjson refuses: the client gets an
            # answer.
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
